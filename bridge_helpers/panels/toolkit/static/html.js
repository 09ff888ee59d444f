// A stable element whose content follows `value`. Being stable is the point: a live region
// that is replaced together with its text is not announced by screen readers.

export default {
  render({ model, el }) {
    const body = make("div", { class: "bw-markup" });
    if (model.get("live")) {
      body.setAttribute("role", "status");
      body.setAttribute("aria-live", "polite");
      body.classList.add("bw-live");
    }
    el.append(body);
    body.addEventListener("click", copyOnClick);
    const stopHidden = hideable(model, el);
    const stop = follow(model, ["value"], () => {
      const value = model.get("value");
      if (body.dataset.shown === value) return;
      const open = [...body.querySelectorAll("details[open] > summary")].map((s) => s.textContent);
      body.innerHTML = value;
      for (const summary of body.querySelectorAll("details > summary")) {
        if (open.includes(summary.textContent)) summary.parentElement.open = true;
      }
    });
    return () => {
      stopHidden();
      stop();
    };
  },
};
