// A bar with its text beside it. The text is announced when it changes; the seconds that tick
// between two messages are shown but not announced.
export default {
  render({ model, el }) {
    const id = unique("progress");
    const bar = make("progress", { class: "bw-bar", max: "1", "aria-labelledby": id });
    const text = make("span", { id, class: "bw-progress-text", role: "status", "aria-live": "polite" });
    const clock = make("span", { class: "bw-progress-clock", "aria-hidden": "true" });
    const row = make("div", { class: "bw-progress" }, bar, text, clock);
    el.append(row);
    // Elapsed and wait are durations, not times of day: the two clocks need not agree.
    let heard = performance.now();
    const tick = () => {
      if (!model.get("running")) {
        clock.textContent = "";
        return;
      }
      const since = (performance.now() - heard) / 1000;
      const parts = [`${Math.round(model.get("elapsed") + since)} s elapsed`];
      const wait = model.get("wait");
      if (wait > 0) {
        const left = Math.max(0, Math.ceil(wait - since));
        parts.push(left ? `next look in ${left} s` : "looking now");
      }
      clock.textContent = parts.join(" · ");
    };
    const stop = follow(model, ["text", "fraction", "elapsed", "wait", "running", "shown"], () => {
      heard = performance.now();
      row.hidden = !model.get("shown");
      if (model.get("fraction") < 0) bar.removeAttribute("value");
      else bar.setAttribute("value", model.get("fraction"));
      if (text.textContent !== model.get("text")) text.textContent = model.get("text");
      tick();
    });
    const timer = setInterval(tick, 500);
    return () => {
      clearInterval(timer);
      stop();
    };
  },
};
