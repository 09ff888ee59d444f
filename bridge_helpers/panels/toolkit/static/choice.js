// A radio that is rebuilt or `disabled` loses the focus. So they are rebuilt for new options only,
// and while they cannot be used they are `aria-disabled` and take no click and no key but Tab.
export default {
  render({ model, el }) {
    const group = unique("choice");
    const legend = make("legend", { class: "bw-label" });
    const source = make("span", { class: "bw-source" });
    const set = make("fieldset", { class: "bw-choice" });
    el.append(set);
    const words = () => {
      legend.textContent = model.get("label");
      source.textContent = model.get("source");
      if (source.textContent) legend.append(" ", source);
    };
    const rows = () => {
      set.dataset.layout = model.get("arrangement");
      set.replaceChildren(legend);
      for (const option of model.get("options")) {
        const id = unique("radio");
        const radio = make("input", {
          type: "radio",
          name: group,
          value: option.value,
          "aria-labelledby": `${id}-title`,
          "aria-describedby": option.detail ? `${id}-detail` : null,
        });
        const detail = make("span", { class: "bw-choice-detail", id: `${id}-detail` });
        detail.innerHTML = option.detail ?? "";
        const title = make("span", { class: "bw-choice-title", id: `${id}-title` });
        title.textContent = option.title;
        set.append(make("label", { class: "bw-choice-row" }, radio, make("span", {}, title, detail)));
        radio.addEventListener("change", () => {
          model.set("value", option.value);
          model.save_changes();
        });
        radio.addEventListener("click", (event) => {
          if (model.get("disabled")) event.preventDefault();
        });
        radio.addEventListener("keydown", (event) => {
          event.stopPropagation();
          if (model.get("disabled") && event.key !== "Tab") event.preventDefault();
        });
      }
      marks();
    };
    const marks = () => {
      for (const radio of set.querySelectorAll("input")) {
        radio.checked = radio.value === model.get("value");
        radio.setAttribute("aria-disabled", String(model.get("disabled")));
      }
    };
    const stopHidden = hideable(model, el);
    const stopWords = follow(model, ["label", "source"], words);
    const stopRows = follow(model, ["options"], rows);
    const stopMarks = follow(model, ["value", "disabled"], marks);
    return () => {
      stopHidden();
      stopWords();
      stopRows();
      stopMarks();
    };
  },
};
