// An extension of JupyterLab, by hand what its build tools make: a container of module federation
// (https://jupyterlab.readthedocs.io, "Prebuilt extensions") with one plugin and no build.
//
// A notebook of the workbook runs when it is opened, so that its panels are there; and what one
// sees first is the connection with the panel below it. Only notebooks are run whose code is to
// the letter what the launcher says it is (`bridgeWorkbook` of the page's settings, written by
// `runs/workbook.py`): no notebook that came from elsewhere, and none that somebody has changed.
(() => {
  const NAME = "bridge-workbook";
  const WAIT = 20000; // ms for panels to appear
  let scope = {};

  // The code of the workbook's notebooks, by path.
  const ours = () => {
    const settings = document.getElementById("jupyter-config-data")?.textContent;
    return JSON.parse(settings || "{}").bridgeWorkbook ?? {};
  };

  const codeOf = (model) => {
    const found = [];
    for (const cell of model.cells) {
      if (cell.type === "code") found.push(cell.sharedModel.getSource());
    }
    return found;
  };

  const isOurs = (panel) => {
    const wanted = ours()[panel.context.path];
    const found = codeOf(panel.context.model);
    return Boolean(wanted) && JSON.stringify(wanted) === JSON.stringify(found);
  };

  // Whether nothing was run in a kernel. One that was kept while the page was away has panels
  // that are in the middle of something.
  const isFresh = async (kernel) => {
    const asked = kernel.requestExecute({
      code: "",
      silent: true,
      store_history: false,
      user_expressions: { there: "'connection' in globals()" },
    });
    const answer = await asked.done;
    return answer.content.user_expressions?.there?.data?.["text/plain"] === "False";
  };

  // Whether no cell shows anything, as in a page that was closed before the notebook was saved.
  // Running it again is safe then: panels look up what was begun, and offer to resume it.
  const isEmpty = (panel) => {
    for (const cell of panel.context.model.cells) {
      if (cell.type === "code" && cell.outputs.length > 0) return false;
    }
    return true;
  };

  const notebookModule = async () => {
    const versions = Object.values(scope["@jupyterlab/notebook"] ?? {});
    return versions.length ? (await versions[0].get())() : null;
  };

  // Puts the connection at the upper edge, so that the panel below it is in view.
  const showPanels = async (panel) => {
    const until = performance.now() + WAIT;
    const cards = () => panel.node.querySelectorAll(".jp-OutputArea .bw-card");
    while (cards().length < 2 && performance.now() < until) {
      if (panel.isDisposed) return;
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
    cards()[0]?.scrollIntoView({ block: "start" });
  };

  const opened = async (panel) => {
    await panel.context.ready;
    if (!isOurs(panel)) return;
    const context = panel.sessionContext;
    await context.ready;
    const kernel = context.session?.kernel;
    if (!kernel) return;
    const actions = (await notebookModule())?.NotebookActions;
    if (actions && (isEmpty(panel) || (await isFresh(kernel))) && isOurs(panel)) {
      actions.runCells(panel.content, panel.content.widgets, context);
    }
    await showPanels(panel);
  };

  const plugin = {
    id: `${NAME}:open`,
    autoStart: true,
    activate: (app) => {
      app.docRegistry.addWidgetExtension("Notebook", {
        createNew: (panel) => {
          opened(panel).catch((error) => console.warn(`${NAME}: ${error}`));
        },
      });
      // "Run All Cells" leaves the page at its end.
      app.commands.commandExecuted.connect(async (_, done) => {
        if (done.id !== "notebook:run-all-cells") return;
        const panel = app.shell.currentWidget;
        await done.result;
        if (panel?.context && isOurs(panel)) await showPanels(panel);
      });
    },
  };

  window._JUPYTERLAB = window._JUPYTERLAB || {};
  window._JUPYTERLAB[NAME] = {
    init: (shared) => {
      scope = shared;
    },
    get: async () => () => ({ __esModule: true, default: plugin }),
  };
})();
