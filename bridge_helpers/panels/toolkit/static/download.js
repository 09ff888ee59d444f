// A button whose file is saved by the browser. The kernel sends it in parts, each when the last one
// has arrived, so that neither side holds more than it has to and no limit of a message is met.
export default {
  render({ model, el }) {
    const mine = unique("download");
    const id = unique("press");
    const button = make("button", { type: "button", class: "bw-press", "aria-describedby": id });
    const reason = make("span", { class: "bw-help", id });
    el.classList.add("bw-press-row");
    el.append(button, reason);
    button.addEventListener("click", () => {
      if (!model.get("disabled")) model.send({ event: "click", for: mine });
    });
    button.addEventListener("keydown", (event) => event.stopPropagation());
    let parts = [];
    const hear = (message, buffers) => {
      // The same notebook may be open in another tab: only the one that asked saves the file.
      if (message.for !== mine) return;
      if (message.event === "begin") parts = [];
      if (message.event === "part") parts.push(buffers[0]);
      if (message.event !== "end") {
        model.send({ event: "more", for: mine });
        return;
      }
      const url = URL.createObjectURL(new Blob(parts, { type: "application/octet-stream" }));
      parts = [];
      const link = make("a", { href: url, download: message.name, hidden: true });
      document.body.append(link);
      link.click();
      link.remove();
      setTimeout(() => URL.revokeObjectURL(url), 60_000);
    };
    model.on("msg:custom", hear);
    const stopHidden = hideable(model, el);
    const stop = follow(model, ["label", "kind", "disabled", "reason"], () => {
      button.textContent = model.get("label");
      button.dataset.kind = model.get("kind");
      button.setAttribute("aria-disabled", String(model.get("disabled")));
      reason.textContent = model.get("reason");
    });
    return () => {
      model.off("msg:custom", hear);
      stopHidden();
      stop();
    };
  },
};
