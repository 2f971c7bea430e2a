/* All that is known of the chosen task. */

function showDetails(task) {
  const aside = document.getElementById("details");
  aside.hidden = task < 0;
  if (task < 0) return;
  const close = make("button", { type: "button", class: "close", title: "Close (Esc)", "aria-label": "Close", onclick: () => choose(-1) }, "×");
  const title = make("h2", {}, `#${task + 1} ${labelOf(task)}`);
  const state = make("p", {}, make("span", { class: `pill s${TASKS.state[task]}` }, stateOf(task)), ` ${duration(TASKS.total[task])}`);
  const parts = make("table", { class: "parts" });
  let time = TASKS.begin[task];
  PARTS.forEach((part, index) => {
    const spent = TASKS[part][task];
    if (!spent) return;
    const swatch = make("i", { class: "swatch", style: `background:var(--${PART_COLOURS[index]})` });
    parts.append(make("tr", {}, make("td", {}, swatch, PART_NAMES[index]), make("td", {}, duration(spent)), make("td", {}, `from ${duration(time)}`)));
    time += spent;
  });
  const facts = make("dl");
  const say = (name, ...value) => {
    if (value.some((piece) => piece !== "" && piece !== undefined)) facts.append(make("dt", {}, name), make("dd", {}, ...value));
  };
  const named = (column, list) => list[TASKS[column][task] - 1];
  const thread = (column) => named(column, DATA.threads) ? threadName(named(column, DATA.threads)) : "";
  say("kind", hasFlag(task, FLAGS.simple) ? "GSimpleAsyncResult" : "GTask");
  say("made by", placeOf(task));
  say("in", thread("madeBy"));
  say("source", named("type", DATA.types) || "");
  if (TASKS.parent[task] >= 0) say("parent", linkToTask(TASKS.parent[task]), ` ${labelOf(TASKS.parent[task])}`);
  say("function", named("function", DATA.places) || "");
  say("run by", thread("worker"));
  if (TASKS.ranOn[task] > 0) say("ran on", `for ${duration(TASKS.ranOn[task])} after its result was there`);
  if (TASKS.length[task]) say("queue", `${number(TASKS.length[task])} with it${hasFlag(task, FLAGS.sync) ? ", the caller waits" : ""}`);
  say("callback", named("callbackPlace", DATA.places) || "");
  say("delivered in", TASKS.context[task] ? contextName(DATA.contexts[TASKS.context[task] - 1]) : "");
  say("by", thread("callbackBy"));
  say("error", errorOf(task));
  if (TASKS.priority[task]) say("priority", String(TASKS.priority[task]));
  if (TASKS.cancellable[task]) say("cancellable", String(TASKS.cancellable[task]));
  say("freed", TASKS.freed[task] ? `${duration(TASKS.freed[task] - 1)} later` : "not before the end");
  if (hasFlag(task, FLAGS.partial)) say("note", "its beginning was not recorded");
  if (hasFlag(task, FLAGS.again)) say("note", "it returned more than once");
  if (DATA.processes.length > 1) say("process", String(DATA.processes[TASKS.process[task]].pid));
  aside.replaceChildren(close, title, state, parts, facts);
  const stack = DATA.stacks[TASKS.stack[task] - 1];
  if (stack) {
    const lines = stack.map((place) => make("li", {}, DATA.places[place - 1]));
    aside.append(make("h3", {}, "Where it was made"), make("ol", {}, ...lines));
  }
  const children = childrenOf(task);
  if (children.length) {
    const list = make("ul");
    [...children.slice(0, 50)].forEach((child) => list.append(make("li", {}, linkToTask(child), ` ${labelOf(child)} ${duration(TASKS.total[child])}`)));
    aside.append(make("h3", {}, `${number(children.length)} made in it`), list);
  }
  const about = DATA.findings.filter((finding) => finding.tasks.includes(task + 1));
  for (const finding of about) {
    aside.append(make("p", { class: finding.hint ? "about hint" : "about" }, finding.title));
  }
  aside.scrollTop = 0;
}
