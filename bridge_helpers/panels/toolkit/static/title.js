// The first line of a card. When the kernel is restarted the card stays on the page while nothing
// behind it is left; ipywidgets tells that by `comm_live_update`, after which no message arrives.
export default {
  render({ model, el }) {
    const body = make("div", { class: "bw-markup" });
    const stale = make("div", { class: "bw-stale", role: "alert" });
    el.append(stale, body);
    // What it says of a kernel that is gone is seen also where the title is hidden.
    const stopHidden = hideable(model, body);
    const stop = follow(model, ["value"], () => {
      body.innerHTML = model.get("value");
    });
    const gone = () => {
      stale.textContent = model.get("stale");
      el.closest(".bw-card")?.classList.add("bw-gone");
    };
    model.on("comm_live_update", gone);
    return () => {
      model.off("comm_live_update", gone);
      stopHidden();
      stop();
    };
  },
};
