/* What the timeline shows: for each process how many tasks wait in the queue, a lane for each worker with the functions that it
   ran, and one for each context with the callbacks that ran there. */

/* Where in a sorted array something is greater than `value` for the first time. */
function firstAbove(sorted, value) {
  let low = 0, high = sorted.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (sorted[middle] > value) high = middle;
    else low = middle + 1;
  }
  return low;
}

/* Slices that do not overlap, by time. The sum of what is before each makes any stretch's busy time two look-ups. */
class Row {
  constructor(slices) {
    const many = slices.length;
    this.begin = new Float64Array(many);
    this.end = new Float64Array(many);
    this.task = new Uint32Array(many);
    this.sum = new Float64Array(many + 1);
    slices.forEach(([begin, end, task], index) => {
      this.begin[index] = begin;
      this.end[index] = end;
      this.task[index] = task;
      this.sum[index + 1] = this.sum[index] + end - begin;
    });
  }

  busyUntil(time) {
    const index = firstAbove(this.end, time);
    const begun = index < this.begin.length ? Math.max(0, time - this.begin[index]) : 0;
    return this.sum[index] + begun;
  }
}

/* Slices in the order of their beginnings; what lies inside of another gets a row below. */
function rowsOf(slices) {
  slices.sort((one, other) => one[0] - other[0] || other[1] - one[1]);
  const rows = [], ends = [];
  for (const slice of slices) {
    let depth = 0;
    while (depth < ends.length && ends[depth] > slice[0]) depth++;
    // The deepest rows hold so many as there are: it is no use to have more than a few.
    depth = Math.min(depth, 7);
    ends[depth] = slice[1];
    ends.length = Math.max(depth + 1, Math.min(ends.length, 8));
    (rows[depth] ||= []).push(slice);
  }
  return rows.map((row) => new Row(row || []));
}

/* A number over time, and the greatest one of any stretch: each level holds the greatest of two of the level below. */
class Area {
  constructor(rises, falls) {
    rises.sort();
    falls.sort();
    const times = new Float64Array(rises.length + falls.length), values = new Float64Array(times.length);
    let value = 0, rise = 0, fall = 0, many = 0;
    while (rise < rises.length || fall < falls.length) {
      const isRise = fall >= falls.length || rises[rise] <= falls[fall];
      value += isRise ? 1 : -1;
      times[many] = isRise ? rises[rise++] : falls[fall++];
      values[many++] = value;
    }
    this.times = times;
    this.levels = [values];
    while (this.levels[this.levels.length - 1].length > 1) {
      const below = this.levels[this.levels.length - 1];
      const level = new Float64Array(Math.ceil(below.length / 2));
      for (let index = 0; index < level.length; index++) level[index] = Math.max(below[2 * index], below[2 * index + 1] || 0);
      this.levels.push(level);
    }
    this.most = this.levels[this.levels.length - 1][0] || 0;
  }

  /* The greatest value from `from` to `to`. */
  greatest(from, to) {
    let first = firstAbove(this.times, from) - 1, last = firstAbove(this.times, to) - 1, greatest = 0;
    if (last < 0) return 0;
    first = Math.max(first, 0);
    for (let level = 0; first <= last; level++) {
      const values = this.levels[level];
      if (first % 2) greatest = Math.max(greatest, values[first++]);
      if (last % 2 === 0) greatest = Math.max(greatest, values[last--]);
      first >>= 1;
      last >>= 1;
    }
    return greatest;
  }
}

/* The lanes in their order: { kind, name, title, rows | area }. */
const LANES = (() => {
  const perProcess = DATA.processes.map(() => ({ rises: [], falls: [], workers: new Map(), contexts: new Map() }));
  const add = (map, key, slice) => {
    const slices = map.get(key);
    if (slices) slices.push(slice);
    else map.set(key, [slice]);
  };
  DATA.threads.forEach((thread, index) => {
    if (thread.why !== undefined) perProcess[thread.process].workers.set(index, []);
  });
  for (let task = 0; task < DATA.tasks; task++) {
    const process = perProcess[TASKS.process[task]];
    const queued = TASKS.begin[task] + TASKS.waiting[task];
    if (TASKS.queue[task]) {
      process.rises.push(queued);
      process.falls.push(startOf(task));
    }
    if (TASKS.worker[task]) add(process.workers, TASKS.worker[task] - 1, [startOf(task), functionEndOf(task), task]);
    if (TASKS.callbackBy[task]) {
      add(process.contexts, TASKS.context[task] - 1, [callbackOf(task), endOf(task), task]);
    }
  }
  const lanes = [];
  perProcess.forEach((process, index) => {
    if (perProcess.length > 1) {
      const { pid, command } = DATA.processes[index];
      lanes.push({ kind: "process", name: `${pid} ${command}`, title: command });
    }
    const area = new Area(Float64Array.from(process.rises), Float64Array.from(process.falls));
    lanes.push({ kind: "queue", name: "in the queue", title: "tasks that wait for a worker", area });
    for (const [context, slices] of [...process.contexts].sort((one, other) => one[0] - other[0])) {
      const name = contextName(DATA.contexts[context] || 0);
      lanes.push({ kind: "context", name, title: `callbacks in the ${name}`, rows: rowsOf(slices) });
    }
    for (const [worker, slices] of [...process.workers].sort((one, other) => one[0] - other[0])) {
      const thread = DATA.threads[worker];
      const title = thread && thread.why !== undefined ? `${threadName(thread)}, added because ${thread.why}` : threadName(thread);
      lanes.push({ kind: "worker", name: threadName(thread), title, rows: rowsOf(slices), thread });
    }
  });
  return lanes;
})();
