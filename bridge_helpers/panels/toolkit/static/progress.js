// A bar with its text beside it. What is shown changes with every message; what a screen reader
// announces is the same text, at most every few seconds, or it would never stop talking.
const QUIET = 4000;

export default {
  render({ model, el }) {
    const id = unique("progress");
    const bar = make("progress", { class: "bw-bar", max: "1", "aria-labelledby": id });
    const said = make("span", { id, class: "bw-sr", role: "status", "aria-live": "polite" });
    const text = make("span", { class: "bw-progress-text", "aria-hidden": "true" });
    const clock = make("span", { class: "bw-progress-clock", "aria-hidden": "true" });
    const row = make("div", { class: "bw-progress" }, bar, text, clock, said);
    el.append(row);
    // Elapsed and wait are durations, not times of day: the two clocks need not agree.
    let heard = performance.now();
    let announced = -QUIET;
    const tick = () => {
      const now = performance.now();
      if (said.textContent !== model.get("text") && now - announced >= QUIET) {
        said.textContent = model.get("text");
        announced = now;
      }
      if (!model.get("running")) {
        clock.textContent = "";
        return;
      }
      const since = (now - heard) / 1000;
      const parts = [`${Math.round(model.get("elapsed") + since)} s elapsed`];
      const wait = model.get("wait");
      if (wait >= 1) {
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
      text.textContent = model.get("text");
      tick();
    });
    const stopHidden = hideable(model, el);
    const timer = setInterval(tick, 500);
    return () => {
      clearInterval(timer);
      stopHidden();
      stop();
    };
  },
};
