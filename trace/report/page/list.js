/* A list of which only the rows in view are elements: there may be millions. `row(index)` makes one. */

class VirtualList {
  constructor(holder, rowHeight, row) {
    this.holder = holder;
    this.rowHeight = rowHeight;
    this.row = row;
    this.count = 0;
    this.space = make("div", { class: "space" });
    this.rows = make("div", { class: "rows" });
    this.space.append(this.rows);
    holder.append(this.space);
    holder.addEventListener("scroll", () => this.draw(), { passive: true });
    this.watcher = new ResizeObserver(() => this.draw());
    this.watcher.observe(holder);
  }

  /* Browsers know no element that is taller than some millions of pixels: then one step of the scroll bar is several rows. */
  show(count) {
    this.count = count;
    this.height = count * this.rowHeight;
    this.shown = Math.min(this.height, 8e6);
    this.space.style.height = `${this.shown}px`;
    this.draw();
  }

  get top() {
    const most = this.shown - this.holder.clientHeight;
    if (this.shown === this.height || most <= 0) return this.holder.scrollTop;
    return this.holder.scrollTop / most * (this.height - this.holder.clientHeight);
  }

  draw() {
    const visible = Math.ceil(this.holder.clientHeight / this.rowHeight) + 1;
    const first = Math.max(0, Math.min(Math.floor(this.top / this.rowHeight), this.count - visible));
    const last = Math.min(this.count, first + visible);
    const rows = [];
    for (let index = first; index < last; index++) rows.push(this.row(index));
    this.rows.replaceChildren(...rows);
    const offset = this.shown === this.height ? first * this.rowHeight : this.holder.scrollTop - (this.top - first * this.rowHeight);
    this.rows.style.transform = `translateY(${Math.max(0, offset)}px)`;
  }

  /* Scrolls so far that the row is in view. */
  reveal(index) {
    const visible = this.holder.clientHeight, at = index * this.rowHeight, top = this.top;
    if (at >= top + this.rowHeight && at + 2 * this.rowHeight <= top + visible) return;
    const wanted = Math.max(0, at - visible / 3);
    const scale = this.shown === this.height ? 1 : (this.shown - visible) / (this.height - visible);
    this.holder.scrollTop = wanted * scale;
    this.draw();
  }
}
