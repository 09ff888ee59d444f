// `aria-disabled` in place of `disabled`: the button keeps the focus, and a screen reader can
// reach it and hear why it cannot be used.
export default {
  render({ model, el }) {
    const id = unique("press");
    const button = make("button", { type: "button", class: "bw-press", "aria-describedby": id });
    const reason = make("span", { class: "bw-help", id });
    el.classList.add("bw-press-row");
    el.append(button, reason);
    button.addEventListener("click", () => {
      if (!model.get("disabled")) model.send({ event: "click" });
    });
    button.addEventListener("keydown", (event) => event.stopPropagation());
    const stopHidden = hideable(model, el);
    const stop = follow(model, ["label", "kind", "disabled", "reason", "expanded"], () => {
      const expanded = model.get("expanded");
      const mark = { true: " ▾", false: " ▸" }[expanded] ?? "";
      button.textContent = model.get("label") + mark;
      if (expanded) button.setAttribute("aria-expanded", expanded);
      button.dataset.kind = model.get("kind");
      button.setAttribute("aria-disabled", String(model.get("disabled")));
      reason.textContent = model.get("reason");
    });
    return () => {
      stopHidden();
      stop();
    };
  },
};
