/* What the report is about: DATA, and the columns of the tasks in TASKS. A task has a position here, from 0, and a number
   elsewhere, from 1. Times are nanoseconds since the beginning. */

const DATA = JSON.parse(document.getElementById("data").textContent);

/* Numbers of 7 bits a byte: see columns.rs. */
const TASKS = (() => {
  const element = document.getElementById("columns");
  const bytes = atob(element.textContent);
  element.remove();
  const columns = {};
  let at = 0;
  DATA.names.forEach((name, index) => {
    const column = new Float64Array(DATA.tasks);
    for (let task = 0; at < DATA.ends[index]; task++) {
      let number = 0, scale = 1, byte;
      do {
        byte = bytes.charCodeAt(at++);
        number += (byte & 127) * scale;
        scale *= 128;
      } while (byte & 128);
      column[task] = number;
    }
    columns[name] = column;
  });
  return columns;
})();

/* Small numbers of either sign were written as ones without. */
const unsigned = (number) => number % 2 ? -(number + 1) / 2 : number / 2;

const FLAGS = { simple: 1, partial: 2, sync: 4, open: 8, callback: 16, again: 32 };
const hasFlag = (task, flag) => (TASKS.flags[task] & flag) !== 0;

/* The parts of a life follow each other in this order. */
const PARTS = ["waiting", "queue", "running", "late", "delivery", "callback"];
const PART_NAMES = ["waiting", "in queue", "running", "waiting", "delivery", "callback"];
const PART_COLOURS = ["waiting", "queue", "running", "waiting", "delivery", "callback"];

{
  const { begin, parent, priority } = TASKS;
  TASKS.total = new Float64Array(DATA.tasks);
  TASKS.allWaiting = new Float64Array(DATA.tasks);
  let last = 0;
  for (let task = 0; task < DATA.tasks; task++) {
    begin[task] = last += unsigned(begin[task]);
    priority[task] = unsigned(priority[task]);
    parent[task] = parent[task] ? task - parent[task] : -1;
    TASKS.allWaiting[task] = TASKS.waiting[task] + TASKS.late[task];
    for (const part of PARTS) TASKS.total[task] += TASKS[part][task];
  }
}

const startOf = (task) => TASKS.begin[task] + TASKS.waiting[task] + TASKS.queue[task];
const functionEndOf = (task) => startOf(task) + TASKS.running[task] + TASKS.ranOn[task];
const endOf = (task) => TASKS.begin[task] + TASKS.total[task];
const callbackOf = (task) => endOf(task) - TASKS.callback[task];

const labelOf = (task) => DATA.labels[TASKS.label[task] - 1];
const placeOf = (task) => DATA.places[TASKS.place[task] - 1] || "";
const stateOf = (task) => DATA.states[TASKS.state[task]];
const errorOf = (task) => {
  const error = DATA.errors[TASKS.error[task] - 1];
  return error ? `${error[0]} ${error[1]}: ${error[2]}` : "";
};

/* The children of each task: CHILDREN.list from CHILDREN.first[task] to CHILDREN.first[task + 1]. */
const CHILDREN = (() => {
  const first = new Uint32Array(DATA.tasks + 2);
  for (const parent of TASKS.parent) if (parent >= 0) first[parent + 2]++;
  for (let task = 2; task < first.length; task++) first[task] += first[task - 1];
  const list = new Uint32Array(first[first.length - 1]);
  TASKS.parent.forEach((parent, task) => {
    if (parent >= 0) list[first[parent + 1]++] = task;
  });
  return { first, list };
})();
const childrenOf = (task) => CHILDREN.list.subarray(CHILDREN.first[task], CHILDREN.first[task + 1]);
