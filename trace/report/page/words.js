/* How numbers and things are said, and how elements are made. */

const number = (value) => Math.round(value).toString().replace(/\B(?=(\d{3})+$)/g, ",");
const count = (value, what) => `${number(value)} ${what}${value === 1 ? "" : "s"}`;

/* Three digits and a unit: as in words.rs. */
function duration(nanoseconds) {
  for (const [size, unit] of [[1e9, "s"], [1e6, "ms"], [1e3, "µs"]]) {
    if (nanoseconds >= size * 0.9995) {
      const value = nanoseconds / size;
      const decimals = value < 9.995 ? 2 : value < 99.95 ? 1 : 0;
      return `${decimals ? value.toFixed(decimals) : number(value)} ${unit}`;
    }
  }
  return `${Math.round(nanoseconds)} ns`;
}

const threadName = (thread) => {
  if (!thread) return "an unknown thread";
  return `${thread.why !== undefined ? "worker" : thread.name || "thread"} ${thread.number}`;
};
const contextName = (number) => number ? `context ${number}` : "default context";

/* An element. Attributes that begin with "on" are listeners; of children, strings are text. */
function make(name, attributes = {}, ...children) {
  const element = document.createElement(name);
  for (const [key, value] of Object.entries(attributes)) {
    if (key.startsWith("on")) element.addEventListener(key.slice(2), value);
    else if (value === true) element.setAttribute(key, "");
    else if (value !== false && value !== undefined) element.setAttribute(key, value);
  }
  element.append(...children);
  return element;
}

const linkToTask = (task, text = `#${task + 1}`) => make("a", { href: `#task-${task + 1}` }, text);

/* "load() at /some/where/file.c:12" without the folder; the whole of it is what a pointer shows. */
const shortPlace = (text) => text.replace(/ at .*\/([^/]+)$/, " at $1");
const place = (text, name = "p") => make(name, { class: "place", title: text }, shortPlace(text));

/* The phases of a task, one behind the other. */
function phaseBar(task, width) {
  const bar = make("span", { class: "bar", style: `width:${width}px` });
  const total = TASKS.total[task] || 1;
  PARTS.forEach((part, index) => {
    const spent = TASKS[part][task];
    if (spent) {
      const style = `width:${(spent / total * 100).toFixed(2)}%;background:var(--${PART_COLOURS[index]})`;
      bar.append(make("i", { style, title: `${PART_NAMES[index]} ${duration(spent)}` }));
    }
  });
  return bar;
}

/* How often each duration occurs, on a logarithmic scale. */
function histogram(sorted, width = 120, height = 18) {
  const low = Math.log10(Math.max(sorted[0], 100)), high = Math.log10(Math.max(sorted[sorted.length - 1], 101));
  const bins = new Array(30).fill(0);
  for (const value of sorted) {
    const share = high > low ? (Math.log10(Math.max(value, 100)) - low) / (high - low) : 0;
    bins[Math.min(bins.length - 1, Math.floor(share * bins.length))]++;
  }
  const most = Math.max(...bins);
  const bars = bins.map((many, index) => {
    const tall = many ? Math.max(1.5, Math.sqrt(many / most) * height) : 0;
    const step = width / bins.length;
    return `<rect x="${(index * step).toFixed(1)}" y="${(height - tall).toFixed(1)}" width="${(step - 0.6).toFixed(1)}" height="${tall.toFixed(1)}"/>`;
  });
  const title = `from ${duration(sorted[0])} to ${duration(sorted[sorted.length - 1])}`;
  const holder = make("span", { class: "histogram", title });
  holder.innerHTML = `<svg width="${width}" height="${height}" aria-label="${title}">${bars.join("")}</svg>`;
  return holder;
}
