// What is typed here travels as a message and is never a trait, so no saved notebook holds it.
export default {
  render({ model, el }) {
    const input = make("input", {
      class: "bw-input",
      type: "password",
      autocomplete: "new-password",
      spellcheck: "false",
    });
    const { head, help, error, stop } = labelled(model, el, input);
    el.classList.add("bw-field");
    el.append(head, input, help, error);
    input.addEventListener("input", () => model.send({ event: "typed", secret: input.value }));
    input.addEventListener("keydown", (event) => {
      event.stopPropagation();
      if (event.key === "Enter" && !model.get("disabled")) model.send({ event: "submit" });
    });
    const heard = (message) => {
      if (message.event === "clear") input.value = "";
    };
    model.on("msg:custom", heard);
    return () => {
      model.off("msg:custom", heard);
      stop();
    };
  },
};
