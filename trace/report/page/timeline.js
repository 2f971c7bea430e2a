/* Draws the lanes and moves in them. Where slices are narrower than two pixels, each pixel's shade says how busy it was. */

const timeline = (() => {
  const AXIS = 26, ROW = 17, GAP = 5, AREA = 34, HEAD = 20, GUTTER = 150, CHOSEN = 24;
  const holder = document.getElementById("timeline"), canvas = document.getElementById("lanes");
  const space = document.getElementById("all-lanes"), tip = document.getElementById("tip");
  const pen = canvas.getContext("2d");
  const span = Math.max(DATA.span, 1000);
  let from = -span * 0.01, to = span * 1.01, chosen = -1, isWanted = false, colours = {}, hovered = -1;
  const onMove = [];

  /* Where each lane lies. */
  const heightOf = (lane) => lane.area ? AREA : lane.rows ? Math.max(1, lane.rows.length) * ROW : HEAD;
  let total = AXIS + CHOSEN;
  for (const lane of LANES) {
    lane.top = total;
    lane.height = heightOf(lane);
    total += lane.height + GAP;
  }
  space.style.height = `${total}px`;

  const wide = () => Math.max(50, holder.clientWidth - GUTTER);
  const xOf = (time) => GUTTER + (time - from) / (to - from) * wide();
  const timeOf = (x) => from + (x - GUTTER) / wide() * (to - from);

  function readColours() {
    const style = getComputedStyle(document.documentElement);
    for (const name of ["text", "soft", "line", "back", "raised", "accent", "waiting", "queue", "running", "delivery", "callback"]) {
      colours[name] = style.getPropertyValue(`--${name}`).trim();
    }
    colours.isDark = style.colorScheme.includes("dark");
    colours.labels = DATA.labels.map((_, index) => {
      const hue = (205 + index * 137.5) % 360;
      return `hsl(${hue.toFixed(0)} ${colours.isDark ? "45% 42%" : "55% 70%"})`;
    });
  }

  /* A step of 1, 2 or 5 that leaves room for the numbers. */
  function stepFor(stretch, pieces) {
    const rough = stretch / pieces, size = 10 ** Math.floor(Math.log10(rough));
    return [1, 2, 5, 10].map((factor) => factor * size).find((step) => step >= rough);
  }

  /* A moment on the axis, as exactly as the step needs. */
  function moment(time, step) {
    const [size, unit] = step >= 1e8 ? [1e9, "s"] : step >= 1e5 ? [1e6, "ms"] : step >= 100 ? [1e3, "µs"] : [1, "ns"];
    const decimals = Math.max(0, Math.ceil(-Math.log10(step / size) - 1e-9));
    return `${(time / size).toFixed(decimals)} ${unit}`;
  }

  function drawAxis(width, height) {
    const step = stepFor(to - from, wide() / 110);
    pen.textAlign = "center";
    for (let time = Math.ceil(from / step) * step; time <= to; time += step) {
      const x = Math.round(xOf(time)) + 0.5;
      pen.strokeStyle = colours.line;
      pen.beginPath();
      pen.moveTo(x, AXIS - 6);
      pen.lineTo(x, height);
      pen.stroke();
      pen.fillStyle = colours.soft;
      if (x > GUTTER - 20 && x < width - 25) pen.fillText(moment(time, step), x, AXIS - 14);
    }
    pen.textAlign = "left";
  }

  function drawRow(row, top, isShown) {
    const right = GUTTER + wide(), perPixel = (to - from) / wide();
    let index = firstAbove(row.end, from);
    while (index < row.begin.length) {
      const x = Math.max(GUTTER, xOf(row.begin[index]));
      if (x > right) break;
      const end = Math.min(right, xOf(row.end[index])), task = row.task[index];
      if (end - x >= 2) {
        const isDim = isShown && !isShown(task);
        pen.globalAlpha = isDim ? 0.25 : 1;
        pen.fillStyle = colours.labels[TASKS.label[task] - 1];
        pen.fillRect(x, top, Math.max(1, end - x - 0.5), ROW - 2);
        if (end - x > 30 && !isDim) label(labelOf(task), x + 4, top + ROW / 2 - 1, end - x - 8);
        pen.globalAlpha = 1;
        if (task === chosen || task === hovered) outline(x, top, end - x, task === chosen);
        index++;
        continue;
      }
      // As many pixels as are full of slices that are too narrow: each as dark as it was busy.
      const pixel = Math.floor(x), begin = timeOf(pixel);
      const share = Math.min(1, (row.busyUntil(begin + perPixel) - row.busyUntil(begin)) / perPixel);
      pen.globalAlpha = 0.25 + 0.75 * share;
      pen.fillStyle = colours.accent;
      pen.fillRect(pixel, top, 1, ROW - 2);
      pen.globalAlpha = 1;
      index = Math.max(index + 1, firstAbove(row.end, begin + perPixel));
    }
  }

  function label(text, x, y, room) {
    pen.fillStyle = colours.text;
    const fits = Math.floor(room / 6.1);
    if (fits >= text.length) pen.fillText(text, x, y);
    else if (fits > 2) pen.fillText(`${text.slice(0, fits - 1)}…`, x, y);
  }

  function outline(x, top, width, isStrong) {
    pen.strokeStyle = colours.text;
    pen.lineWidth = isStrong ? 2 : 1;
    pen.strokeRect(x + 0.5, top + 0.5, Math.max(2, width - 1), ROW - 3);
    pen.lineWidth = 1;
  }

  function drawArea(lane, top) {
    const right = GUTTER + wide(), scale = (AREA - 4) / Math.max(1, lane.area.most);
    pen.beginPath();
    pen.moveTo(GUTTER, top + AREA);
    for (let x = GUTTER; x < right; x++) {
      const y = top + AREA - lane.area.greatest(timeOf(x), timeOf(x + 1)) * scale;
      pen.lineTo(x, y);
      pen.lineTo(x + 1, y);
    }
    pen.lineTo(right, top + AREA);
    pen.fillStyle = colours.queue;
    pen.fill();
  }

  /* The chosen task, with all its phases. */
  function drawChosen(top) {
    if (chosen < 0) return;
    let time = TASKS.begin[chosen];
    PARTS.forEach((part, index) => {
      const next = time + TASKS[part][chosen];
      const x = Math.max(GUTTER, xOf(time)), end = Math.min(GUTTER + wide(), xOf(next));
      if (next > time && end > x) {
        pen.fillStyle = colours[PART_COLOURS[index]];
        pen.fillRect(x, top + 2, Math.max(1, end - x), ROW);
        if (end - x > 60) label(PART_NAMES[index], x + 4, top + ROW / 2 + 2, end - x - 8);
      }
      time = next;
    });
  }

  function draw() {
    isWanted = false;
    if (!colours.labels) return;
    const width = holder.clientWidth, height = holder.clientHeight, ratio = devicePixelRatio || 1;
    if (canvas.width !== width * ratio || canvas.height !== height * ratio) {
      [canvas.width, canvas.height] = [width * ratio, height * ratio];
      [canvas.style.width, canvas.style.height] = [`${width}px`, `${height}px`];
      space.style.marginTop = `${-height}px`;
    }
    pen.setTransform(ratio, 0, 0, ratio, 0, 0);
    pen.clearRect(0, 0, width, height);
    pen.font = "11px system-ui, sans-serif";
    pen.textBaseline = "middle";
    drawAxis(width, height);
    const isShown = search.isActive() ? (task) => search.matches(task) : null;
    const scrolled = holder.scrollTop;
    pen.save();
    pen.beginPath();
    pen.rect(0, AXIS, width, height);
    pen.clip();
    for (const lane of LANES) {
      const top = lane.top - scrolled;
      if (top > height || top + lane.height < AXIS) continue;
      if (lane.area) drawArea(lane, top);
      else if (lane.rows) lane.rows.forEach((row, index) => drawRow(row, top + index * ROW, isShown));
      pen.fillStyle = colours.back;
      pen.fillRect(0, top, GUTTER - 6, lane.height);
      pen.fillStyle = lane.kind === "process" ? colours.text : colours.soft;
      const name = lane.area ? `${lane.name}, at most ${number(lane.area.most)}` : lane.name;
      pen.fillText(name.length > 90 ? `${name.slice(0, 89)}…` : name, 10, top + Math.min(lane.height, AREA) / 2);
    }
    pen.restore();
    if (chosen >= 0) {
      pen.fillStyle = colours.back;
      pen.fillRect(0, AXIS, width, CHOSEN - 2);
      pen.fillStyle = colours.text;
      label(`#${chosen + 1} ${labelOf(chosen)}`, 10, AXIS + ROW / 2 + 2, GUTTER - 20);
      drawChosen(AXIS);
    }
  }

  function want() {
    if (!isWanted) {
      isWanted = true;
      requestAnimationFrame(draw);
    }
  }

  /* Shows this stretch; no more than there is, and no less than a hundred nanoseconds. */
  function show(newFrom, newTo) {
    const stretch = Math.min(Math.max(newTo - newFrom, 100), span * 1.04);
    from = Math.min(Math.max(newFrom, -span * 0.02), span * 1.02 - stretch);
    to = from + stretch;
    want();
    for (const tell of onMove) tell();
  }

  const zoom = (factor, around = (from + to) / 2) => show(around - (around - from) * factor, around + (to - around) * factor);
  const move = (share) => show(from + (to - from) * share, to + (to - from) * share);

  /* The task at this point of the canvas, or -1. */
  function taskAt(x, y) {
    if (x < GUTTER) return -1;
    const lane = LANES.find((other) => y >= other.top && y < other.top + other.height);
    const row = lane && lane.rows && lane.rows[Math.floor((y - lane.top) / ROW)];
    if (!row) return -1;
    const near = (to - from) / wide() * 2, time = timeOf(x);
    const index = firstAbove(row.end, time - near);
    return index < row.begin.length && row.begin[index] <= time + near ? row.task[index] : -1;
  }

  const point = (event) => {
    const box = canvas.getBoundingClientRect();
    return [event.clientX - box.left, event.clientY - box.top + holder.scrollTop];
  };

  let drag = null;
  canvas.addEventListener("pointerdown", (event) => {
    drag = { x: event.clientX, y: event.clientY, from, to, top: holder.scrollTop, isClick: true };
    canvas.setPointerCapture(event.pointerId);
  });
  canvas.addEventListener("pointermove", (event) => {
    if (drag) {
      const moved = event.clientX - drag.x;
      if (Math.abs(moved) > 3 || Math.abs(event.clientY - drag.y) > 3) drag.isClick = false;
      if (!drag.isClick) {
        const by = moved / wide() * (drag.to - drag.from);
        show(drag.from - by, drag.to - by);
        holder.scrollTop = drag.top - (event.clientY - drag.y);
      }
      return;
    }
    const [x, y] = point(event), task = taskAt(x, y);
    if (task !== hovered) {
      hovered = task;
      want();
    }
    const lane = LANES.find((other) => y >= other.top && y < other.top + other.height);
    let text = "";
    if (task >= 0) text = `#${task + 1} ${labelOf(task)}\n${stateOf(task)}, ${duration(TASKS.total[task])}\n${placeOf(task)}`;
    else if (lane && x < GUTTER) text = lane.title;
    else if (lane && lane.area) text = `${number(lane.area.greatest(timeOf(x), timeOf(x + 1)))} in the queue`;
    tip.hidden = !text;
    tip.textContent = text;
    tip.style.left = `${Math.min(event.clientX + 12, innerWidth - tip.offsetWidth - 4)}px`;
    tip.style.top = `${event.clientY + 14}px`;
    canvas.style.cursor = task >= 0 ? "pointer" : "";
  });
  canvas.addEventListener("pointerup", (event) => {
    const task = drag && drag.isClick ? taskAt(...point(event)) : -1;
    drag = null;
    if (task >= 0) location.hash = `task-${task + 1}`;
  });
  canvas.addEventListener("pointerleave", () => { tip.hidden = true; });
  canvas.addEventListener("dblclick", (event) => zoom(0.25, timeOf(point(event)[0])));
  holder.addEventListener("wheel", (event) => {
    // Up and down is for the lanes, with a key or sideways for the time; without more lanes than fit, for the time alone.
    const isTime = event.ctrlKey || event.metaKey || event.altKey || total <= holder.clientHeight;
    if (Math.abs(event.deltaX) > Math.abs(event.deltaY) || event.shiftKey) move((event.deltaX || event.deltaY) / 1000);
    else if (isTime) zoom(Math.exp(Math.sign(event.deltaY) * Math.min(Math.abs(event.deltaY), 100) / 400), timeOf(point(event)[0]));
    else return;
    event.preventDefault();
  }, { passive: false });
  holder.addEventListener("scroll", want, { passive: true });
  new ResizeObserver(want).observe(holder);

  return {
    total,
    want,
    zoom,
    move,
    onMove,
    all: () => show(-span * 0.01, span * 1.01),
    /* Whether something of the task is in view. */
    isInView: (task) => TASKS.begin[task] <= to && endOf(task) >= from,
    recolour: () => { readColours(); want(); },
    choose(task) {
      chosen = task;
      // What would be too small to see gets room; what is out of view comes into it.
      if (task >= 0) {
        const begin = TASKS.begin[task], length = Math.max(TASKS.total[task], 1000);
        if (begin + length < from || begin > to || length < (to - from) / 300) show(begin - length, begin + 2 * length);
      }
      want();
    },
    view: () => [from, to],
  };
})();
