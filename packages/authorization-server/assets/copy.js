// Copies, prints and saves what an element of the page shows. Without this script, the buttons cannot be seen.
for (const part of document.querySelectorAll('[data-copy]')) {
  const source = document.getElementById(part.dataset.copy);
  const status = part.querySelector('[role="status"]');
  const read = () => source.value ?? source.innerText;
  const copy = async () => {
    status.textContent = '';
    const isCopied = await navigator.clipboard.writeText(read()).then(
      () => true,
      () => false,
    );
    status.textContent = isCopied ? status.dataset.copied : status.dataset.failed;
  };
  part.querySelector('[data-act="copy"]').addEventListener('click', () => void copy());
  part.querySelector('[data-act="print"]')?.addEventListener('click', () => print());
  const link = part.querySelector('a[download]');
  if (link) link.href = `data:text/plain;charset=utf-8,${encodeURIComponent(`${location.host}\n\n${read()}\n`)}`;
  // Browsers let a page copy only if it comes over https or from the same computer.
  if (navigator.clipboard) part.dataset.ready = '';
}
