// One page of a table. Sorting and turning pages are asked of the kernel, which has all rows; a
// row opens its details below itself. What only changes its text is changed in place, so that the
// focus stays where it is.
export default {
  render({ model, el }) {
    const table = make("table", { class: "bw-rows" });
    const columns = make("colgroup");
    const head = make("thead");
    const body = make("tbody");
    table.append(columns, head, body);
    const empty = make("p", { class: "bw-help" });
    const range = make("span", { class: "bw-help" });
    const back = make("button", { type: "button", class: "bw-copy" }, "‹ Previous");
    const on = make("button", { type: "button", class: "bw-copy" }, "Next ›");
    const size = make("select", { class: "bw-input", "aria-label": "Rows at once" });
    const pager = make("nav", { class: "bw-pager" }, range, back, on, size);
    const frame = make("div", { class: "bw-rows-frame" }, table);
    el.append(frame, empty, pager);
    el.addEventListener("keydown", (event) => event.stopPropagation());
    body.addEventListener("click", copyOnClick);

    const ask = (event, more = {}) => model.send({ event, ...more });
    const step = () => model.get("size");
    back.addEventListener("click", () => {
      if (model.get("first") > 0) ask("turn", { first: Math.max(0, model.get("first") - step()) });
    });
    on.addEventListener("click", () => {
      const next = model.get("first") + step();
      if (next < model.get("total")) ask("turn", { first: next });
    });
    size.addEventListener("change", () => ask("size", { size: Number(size.value) }));

    const drawHead = () => {
      table.setAttribute("aria-label", model.get("label"));
      const sorted = model.get("sorted");
      const cells = model.get("columns").map((column) => {
        const cell = make("th", { scope: "col", title: column.help || null });
        if (!column.sort) {
          cell.textContent = column.title;
          return cell;
        }
        const way = sorted.name === column.name ? (sorted.descending ? "▼" : "▲") : "";
        const arrow = make("span", { class: "bw-arrow", "aria-hidden": "true" }, way);
        const press = make("button", { type: "button", "data-sort": column.name });
        press.append(column.title, arrow);
        press.addEventListener("click", () => ask("sort", { name: column.name }));
        if (way) cell.setAttribute("aria-sort", sorted.descending ? "descending" : "ascending");
        cell.append(press);
        return cell;
      });
      const focused = head.querySelector("button:focus")?.dataset.sort;
      columns.replaceChildren(
        ...model.get("columns").map((one) => make("col", { style: `width: ${one.width}` })),
      );
      head.replaceChildren(make("tr", {}, ...cells));
      if (focused) head.querySelector(`[data-sort="${focused}"]`)?.focus();
    };

    const fill = (row, { cells, whole }) => {
      const places = [...row.children];
      cells.forEach((text, n) => {
        const place = n ? places[n] : places[n].querySelector("span");
        if (place.textContent !== text) place.textContent = text;
        places[n].title = (n === 0 && whole) || text;
      });
    };
    const made = (one) => {
      const row = make("tr", { class: "bw-row-line", "data-key": one.key });
      one.cells.forEach((text, n) => {
        const cell = make("td");
        if (n === 0) {
          const press = make("button", { type: "button", "aria-expanded": "false" });
          press.append(make("b", { "aria-hidden": "true" }, "▸"), make("span"));
          cell.append(press);
        }
        row.append(cell);
      });
      fill(row, one);
      row.addEventListener("click", () => {
        // Whoever marks text to copy it does not want the row to close.
        if (String(getSelection()) && !row.contains(document.activeElement)) return;
        ask("open", { key: model.get("opened") === one.key ? "" : one.key });
      });
      return row;
    };
    const lines = () => [...body.querySelectorAll(":scope > .bw-row-line")];
    const drawRows = () => {
      const rows = model.get("rows");
      const old = lines();
      if (old.length === rows.length && old.every((row, n) => row.dataset.key === rows[n].key)) {
        old.forEach((row, n) => fill(row, rows[n]));
      } else {
        const focused = document.activeElement?.closest?.(".bw-row-line");
        const key = focused && body.contains(focused) ? focused.dataset.key : null;
        body.replaceChildren(...rows.map(made));
        lines().find((row) => row.dataset.key === key)?.querySelector("button").focus();
        drawOpened(false);
      }
      const [first, total] = [model.get("first"), model.get("total")];
      empty.textContent = total ? "" : model.get("empty");
      frame.hidden = pager.hidden = !total;
      const last = first + rows.length;
      const number = (value) => value.toLocaleString("en");
      range.textContent = `${number(first + 1)}–${number(last)} of ${number(total)}`;
      back.setAttribute("aria-disabled", String(first === 0));
      on.setAttribute("aria-disabled", String(last >= total));
    };
    const drawOpened = (scroll) => {
      const key = model.get("opened");
      const row = lines().find((one) => one.dataset.key === key);
      let below = body.querySelector(":scope > .bw-row-below");
      if (below && below.previousElementSibling !== row) {
        below.remove();
        below = null;
      }
      for (const one of lines()) {
        one.querySelector("button").setAttribute("aria-expanded", String(one === row));
        one.querySelector("b").textContent = one === row ? "▾" : "▸";
      }
      if (!row) return;
      if (!below) {
        const cell = make("td", { colspan: model.get("columns").length });
        below = make("tr", { class: "bw-row-below" }, cell);
        row.after(below);
      }
      const details = model.get("details");
      if (below.dataset.shown === details) return;
      below.dataset.shown = details;
      below.firstChild.innerHTML = details;
      if (!scroll) return;
      // Where both fit they are shown both; of what is longer, the beginning.
      const tall = row.offsetHeight + below.offsetHeight > window.innerHeight * 0.6;
      (tall ? row : below).scrollIntoView({ block: tall ? "start" : "nearest" });
    };
    const drawSizes = () => {
      const options = model.get("sizes").map((one) => make("option", { value: one }, `${one} rows`));
      size.replaceChildren(...options);
      size.value = model.get("size");
    };
    let rendered = false;
    const stopHidden = hideable(model, el);
    const stops = [
      follow(model, ["columns", "sorted", "label"], drawHead),
      follow(model, ["rows", "first", "total", "empty"], drawRows),
      follow(model, ["opened", "details"], () => drawOpened(rendered)),
      follow(model, ["sizes", "size"], drawSizes),
    ];
    rendered = true;
    return () => {
      stopHidden();
      stops.forEach((stop) => stop());
    };
  },
};
