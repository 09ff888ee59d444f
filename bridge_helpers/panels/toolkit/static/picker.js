// Search as you type over a list that stays where it is (the combobox pattern of the
// ARIA Authoring Practices, with the list always open so that nothing on the page jumps).
const SHOWN = 200;

export default {
  render({ model, el }) {
    // Out of the tab order: a list that scrolls would be a stop of its own, with nothing to do.
    const list = make("ul", {
      class: "bw-options",
      role: "listbox",
      id: unique("list"),
      tabindex: "-1",
    });
    const input = make("input", {
      class: "bw-input",
      type: "text",
      role: "combobox",
      "aria-expanded": "true",
      "aria-autocomplete": "list",
      "aria-controls": list.id,
      autocomplete: "off",
      spellcheck: "false",
    });
    const count = make("div", { class: "bw-help", role: "status", "aria-live": "polite" });
    const { head, help, error, stop } = labelled(model, el, input);
    el.classList.add("bw-field", "bw-picker");
    el.append(head, input, list, count, help, error);
    let active = -1;
    let found = [];

    const pick = (option) => {
      model.set("value", option.value);
      model.save_changes();
      draw();
    };
    const move = (to) => {
      const rows = list.querySelectorAll("[role=option]");
      if (!rows.length) return;
      active = Math.max(0, Math.min(rows.length - 1, to));
      rows.forEach((row, n) => row.classList.toggle("bw-active", n === active));
      input.setAttribute("aria-activedescendant", rows[active].id);
      const row = rows[active];
      const above = row.offsetTop - list.scrollTop;
      if (above < 0) list.scrollTop = row.offsetTop;
      else if (above + row.offsetHeight > list.clientHeight)
        list.scrollTop = row.offsetTop + row.offsetHeight - list.clientHeight;
    };
    const draw = () => {
      const words = input.value.toLowerCase().split(/\s+/).filter(Boolean);
      const options = model.get("options");
      found = options.filter((option) => {
        const text = `${option.title} ${option.detail ?? ""} ${option.value}`.toLowerCase();
        return words.every((word) => text.includes(word));
      });
      const value = model.get("value");
      // The chosen one is always among those that are shown.
      const place = found.findIndex((option) => option.value === value);
      if (place >= SHOWN) found.unshift(...found.splice(place, 1));
      list.setAttribute("aria-label", model.get("label"));
      list.replaceChildren(
        ...found.slice(0, SHOWN).map((option) => {
          const chosen = option.value === value;
          const row = make("li", {
            role: "option",
            id: unique("option"),
            "aria-selected": String(chosen),
            class: "bw-option",
          });
          const mark = make("span", { class: "bw-tick", "aria-hidden": "true" });
          mark.textContent = chosen ? "✓" : "";
          const title = make("span", { class: "bw-option-title" });
          title.textContent = option.title;
          const detail = make("span", { class: "bw-option-detail" });
          detail.textContent = option.detail ?? "";
          row.append(mark, title);
          if (option.mark) {
            const badge = make("span", { class: "bw-badge", "data-good": Boolean(option.good) });
            badge.textContent = option.mark;
            row.append(badge);
          }
          if (option.detail) row.append(detail);
          row.addEventListener("mousedown", (event) => event.preventDefault());
          row.addEventListener("click", () => model.get("disabled") || pick(option));
          return row;
        }),
      );
      active = -1;
      input.removeAttribute("aria-activedescendant");
      input.placeholder = `Search ${options.length}: name or id`;
      input.hidden = options.length === 1 && found.length === 1 && found[0].value === value;
      const more = found.length > SHOWN ? `, the first ${SHOWN} are shown: type to narrow` : "";
      let text = "";
      if (!options.length) text = model.get("empty");
      else if (words.length) text = `${found.length} of ${options.length} match${more}`;
      else if (more) text = `${options.length} in all${more}`;
      if (count.textContent !== text) count.textContent = text;
      list.hidden = !found.length;
    };
    input.addEventListener("input", draw);
    input.addEventListener("keydown", (event) => {
      event.stopPropagation();
      if (model.get("disabled")) return;
      if (event.key === "ArrowDown") move(active + 1);
      else if (event.key === "ArrowUp") move(active - 1);
      else if (event.key === "Home" && active >= 0) move(0);
      else if (event.key === "End" && active >= 0) move(found.length - 1);
      else if (event.key === "Escape") {
        input.value = "";
        draw();
        return;
      } else if (event.key === "Enter") {
        const option = active >= 0 ? found[active] : found.length === 1 ? found[0] : null;
        if (option) pick(option);
        return;
      } else return;
      event.preventDefault();
    });
    const stopDraw = follow(model, ["options", "value", "empty", "label"], () => {
      draw();
      // After the layout: until then nothing has a place to scroll to.
      requestAnimationFrame(() => {
        const row = list.querySelector("[aria-selected=true]");
        if (!row) return;
        const hidden = row.offsetTop < list.scrollTop;
        const below = row.offsetTop + row.offsetHeight > list.scrollTop + list.clientHeight;
        if (hidden || below) list.scrollTop = row.offsetTop - list.clientHeight / 3;
      });
    });
    return () => {
      stop();
      stopDraw();
    };
  },
};
