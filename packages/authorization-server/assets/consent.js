// Keeps the sentence on the consent page up to date while the owner edits the form. The server makes the sentence.
// Without this script, the server shows the page once more if the choices have changed.
const form = document.querySelector('form[data-summary]');
const delayMilliseconds = 250;
/** The timer between a change and its request. Undefined when no change waits. */
let timer;
/** Aborts the latest request. */
let running;

/** Marks the sentence as busy until it describes the present choices. Screen readers wait until then. */
const setBusy = (isBusy) => document.getElementById('summary').setAttribute('aria-busy', String(isBusy));

/** Puts the new parts of the page in the place of the old ones. */
const replaceParts = (html) => {
  const parts = new DOMParser().parseFromString(html, 'text/html').querySelectorAll('[data-live]');
  for (const part of parts)
    document.querySelector(`[data-live="${part.dataset.live}"]`)?.replaceChildren(...part.childNodes);
};

/**
 * Shows the new parts. If the height of the summary changes, the page scrolls by the difference, so that the fields
 * below stay where they are on the screen. Where the page cannot scroll any further, the summary keeps its height.
 */
const show = (html) => {
  const summary = document.getElementById('summary');
  const topOfFields = () => summary.nextElementSibling.getBoundingClientRect().top;
  const before = topOfFields();
  summary.style.minHeight = '';
  replaceParts(html);
  const missing = before - topOfFields() - window.scrollY;
  if (missing > 0) summary.style.minHeight = `${summary.getBoundingClientRect().height + missing}px`;
  window.scrollBy({ top: topOfFields() - before, behavior: 'instant' });
};

const update = async () => {
  running?.abort();
  const current = new AbortController();
  running = current;
  const fields = new FormData(form);
  fields.delete('password');
  let parts = form.querySelector('template').innerHTML;
  try {
    const answer = await fetch(form.dataset.summary, {
      method: 'POST',
      body: new URLSearchParams(fields),
      headers: { accept: 'text/html' },
      redirect: 'error',
      signal: current.signal,
    });
    if (answer.ok) parts = await answer.text();
  } catch {
    // The page then says that the update failed. The hash of the old choices stays, so the server shows the page once
    // more before it decides.
  }
  if (running !== current) return;
  show(parts);
  if (timer === undefined) setBusy(false);
};

if (form) {
  const updateAfter = (milliseconds) => {
    clearTimeout(timer);
    setBusy(true);
    timer = setTimeout(() => {
      timer = undefined;
      void update();
    }, milliseconds);
  };
  // While the owner types, the update waits for a pause. A change of a radio button or a checkbox is sent at once.
  form.addEventListener('input', () => updateAfter(delayMilliseconds));
  form.addEventListener('change', () => updateAfter(0));
}
