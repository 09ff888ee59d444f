export default {
  render({ model, el }) {
    const group = unique("choice");
    const legend = make("legend", { class: "bw-label" });
    const source = make("span", { class: "bw-source" });
    const set = make("fieldset", { class: "bw-choice" });
    el.append(set);
    const rows = () => {
      legend.textContent = model.get("label");
      source.textContent = model.get("source");
      if (source.textContent) legend.append(" ", source);
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
        radio.addEventListener("keydown", (event) => event.stopPropagation());
      }
      marks();
    };
    const marks = () => {
      for (const radio of set.querySelectorAll("input")) {
        radio.checked = radio.value === model.get("value");
        radio.disabled = model.get("disabled");
      }
    };
    const stopHidden = hideable(model, el);
    const stopRows = follow(model, ["label", "source", "options"], rows);
    const stopMarks = follow(model, ["value", "disabled"], marks);
    return () => {
      stopHidden();
      stopRows();
      stopMarks();
    };
  },
};
