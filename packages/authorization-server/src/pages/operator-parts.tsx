import type { ComponentChildren } from 'preact';
import { paths } from '../endpoints.js';
import type { Texts } from '../texts/texts.js';
import type { SignedIn } from './layout.js';
import type { Stylesheet } from './stylesheet.js';
import { useTexts } from './text.js';

/** What every page of the operator needs. */
export interface OperatorPageProps {
  readonly stylesheet: Stylesheet;
  readonly texts: Texts;
  readonly signedIn: SignedIn;
}

type OperatorPath = 'operator' | 'operatorAccounts' | 'operatorClients' | 'operatorAudit';

/** The links between the operator's pages. */
export function OperatorNavigation({ current }: { readonly current?: OperatorPath }) {
  const texts = useTexts();
  const link = (page: OperatorPath, text: string) => (
    <a href={paths[page]} aria-current={page === current ? 'page' : undefined}>
      {text}
    </a>
  );
  return (
    <nav class="grant-links" aria-label={texts('operator.title')}>
      {link('operator', texts('operator.healthTitle'))}
      {link('operatorAccounts', texts('operator.accountsTitle'))}
      {link('operatorClients', texts('operator.clientsTitle'))}
      {link('operatorAudit', texts('operator.auditTitle'))}
    </nav>
  );
}

interface TableProps {
  readonly label: string;
  /** The heads of the columns. */
  readonly heads: readonly string[];
  /** The rows, as `tr`. */
  readonly children: ComponentChildren;
}

/** A table that scrolls sideways where the screen is narrow, also with the keyboard. */
export function ScrollingTable({ label, heads, children }: TableProps) {
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: a region that scrolls must take the focus
    <section class="table-scroll" aria-label={label} tabIndex={0}>
      <table>
        <thead>
          <tr>
            {heads.map((head) => (
              <th key={head} scope="col">
                {head}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>{children}</tbody>
      </table>
    </section>
  );
}

/** The link to the page that asks once more before a change. */
export function ChangeLink(props: { readonly act: string; readonly subject: string; readonly text: string }) {
  const { act, subject, text } = props;
  return <a href={`${paths.operatorChange}?${new URLSearchParams({ act, subject })}`}>{text}</a>;
}

/** Searches a list. */
export function SearchForm({ path, label, search }: Readonly<Record<'path' | 'label' | 'search', string>>) {
  const texts = useTexts();
  return (
    <form method="get" action={path} class="filter">
      <div>
        <label for="search">{label}</label>
        <input id="search" name="search" type="search" maxLength={300} value={search} autocomplete="off" />
      </div>
      <button type="submit" class="secondary">
        {texts('operator.search')}
      </button>
    </form>
  );
}

/** The link to the next page of a list. */
export function NextPage(props: { readonly path: string; readonly search: string; readonly next: string | undefined }) {
  const { path, search, next } = props;
  const texts = useTexts();
  if (next === undefined) return null;
  return (
    <p class="grant-links">
      <a href={`${path}?${new URLSearchParams({ search, after: next })}`}>{texts('operator.next')}</a>
    </p>
  );
}
