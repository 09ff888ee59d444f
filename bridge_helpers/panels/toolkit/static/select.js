// A list that opens when it is clicked. `disabled` would take the focus away, so while it cannot
// be used it is `aria-disabled`, and goes back to its value.
export default {
  render({ model, el }) {
    const input = make("select", { class: "bw-input" });
    const { head, help, error, stop } = labelled(model, el, input);
    el.classList.add("bw-field");
    el.append(head, input, help, error);
    input.addEventListener("keydown", (event) => event.stopPropagation());
    input.addEventListener("change", () => {
      if (model.get("disabled")) {
        input.value = model.get("value");
        return;
      }
      model.set("value", input.value);
      model.save_changes();
    });
    const stopRows = follow(model, ["options"], () => {
      const rows = model.get("options").map((option) => {
        const row = make("option", { value: option.value });
        row.textContent = option.title;
        return row;
      });
      input.replaceChildren(...rows);
      input.value = model.get("value");
    });
    const stopValue = follow(model, ["value"], () => (input.value = model.get("value")));
    return () => {
      stop();
      stopRows();
      stopValue();
    };
  },
};
