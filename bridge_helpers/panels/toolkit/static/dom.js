// Helpers that stand in front of every widget's own module (see widgets.py).

let serial = 0;
const unique = (prefix) => `bw-${prefix}-${++serial}-${Math.random().toString(36).slice(2, 7)}`;

function make(tag, attributes = {}, ...children) {
  const node = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (value === true) node.setAttribute(name, "");
    else if (value !== false && value != null) node.setAttribute(name, value);
  }
  node.append(...children);
  return node;
}

// Runs `update` now and whenever one of the traits changes; answers the way to stop.
function follow(model, names, update) {
  const events = names.map((name) => `change:${name}`);
  events.forEach((event) => model.on(event, update));
  update();
  return () => events.forEach((event) => model.off(event, update));
}

// Hides the widget as a whole. Its class names cannot: a view does not follow them once rendered.
function hideable(model, el) {
  return follow(model, ["hidden"], () => el.classList.toggle("bw-hidden", model.get("hidden")));
}

// Label, origin of the value, help and error around one input, tied together for screen readers.
// `aria-disabled` and `readOnly` in place of `disabled`, which would take the focus away.
function labelled(model, el, input) {
  const id = unique("input");
  input.id = id;
  const name = make("label", { for: id, class: "bw-label" });
  const source = make("span", { class: "bw-source", id: `${id}-source` });
  const help = make("div", { class: "bw-help", id: `${id}-help` });
  const error = make("div", { class: "bw-error", id: `${id}-error`, role: "alert" });
  input.setAttribute("aria-describedby", `${id}-source ${id}-help ${id}-error`);
  const stopHidden = hideable(model, el);
  const stopText = follow(model, ["label", "source", "help", "error", "disabled"], () => {
    name.textContent = model.get("label");
    source.textContent = model.get("source");
    help.textContent = model.get("help");
    const wrong = model.get("error");
    if (error.textContent !== (wrong ? `× ${wrong}` : "")) {
      error.textContent = wrong ? `× ${wrong}` : "";
    }
    input.toggleAttribute("aria-invalid", Boolean(wrong));
    if (wrong) input.setAttribute("aria-invalid", "true");
    input.readOnly = model.get("disabled");
    input.setAttribute("aria-disabled", String(model.get("disabled")));
  });
  const stop = () => {
    stopHidden();
    stopText();
  };
  return { head: make("div", { class: "bw-head" }, name, source), help, error, stop };
}

// Puts the text of a button with `data-copy` on the clipboard.
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

function copyOnClick(event) {
  const button = event.target.closest("[data-copy]");
  if (button) copy(button);
}
