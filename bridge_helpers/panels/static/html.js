// A stable element whose content follows `value`. Being stable is the point: a live region
// that is replaced together with its text is not announced by screen readers.

async function copy(button) {
  const text = button.dataset.copy;
  const before = button.dataset.before ?? (button.dataset.before = button.textContent);
  try {
    await navigator.clipboard.writeText(text);
    button.textContent = "✓ Copied";
  } catch {
    const area = make("textarea", { "aria-hidden": "true" });
    area.value = text;
    document.body.append(area);
    area.select();
    button.textContent = document.execCommand("copy") ? "✓ Copied" : "Copying is blocked here";
    area.remove();
    button.focus();
  }
  setTimeout(() => (button.textContent = before), 2000);
}

export default {
  render({ model, el }) {
    const body = make("div", { class: "bw-markup" });
    if (model.get("live")) {
      body.setAttribute("role", "status");
      body.setAttribute("aria-live", "polite");
      body.classList.add("bw-live");
    }
    el.append(body);
    body.addEventListener("click", (event) => {
      const button = event.target.closest("[data-copy]");
      if (button) copy(button);
    });
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
