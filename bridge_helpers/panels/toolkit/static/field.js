export default {
  render({ model, el }) {
    const many = model.get("lines") > 1;
    const input = make(many ? "textarea" : "input", {
      class: "bw-input",
      type: many ? null : (model.get("kind") ?? "text"),
      rows: many ? model.get("lines") : null,
      spellcheck: "false",
      autocomplete: "off",
      placeholder: model.get("placeholder") || null,
    });
    const { head, help, error, stop } = labelled(model, el, input);
    el.classList.add("bw-field");
    el.append(head, input, help, error);
    let timer = null;
    const send = () => {
      clearTimeout(timer);
      timer = null;
      if (model.get("value") !== input.value) {
        model.set("value", input.value);
        // The state waits while an earlier one is on its way, and the click on a button does not:
        // the kernel would hear of the click first.
        model.send({ event: "value", value: input.value });
        model.save_changes();
      }
    };
    input.addEventListener("input", () => {
      clearTimeout(timer);
      timer = setTimeout(send, 120);
    });
    input.addEventListener("change", send);
    input.addEventListener("keydown", (event) => {
      event.stopPropagation(); // the notebook has shortcuts of its own
      if (event.key === "Enter" && !many && !model.get("disabled")) {
        send();
        model.send({ event: "submit" });
      }
    });
    const stopValue = follow(model, ["value"], () => {
      if (timer === null && input.value !== model.get("value")) input.value = model.get("value");
    });
    return () => {
      clearTimeout(timer);
      stop();
      stopValue();
    };
  },
};
