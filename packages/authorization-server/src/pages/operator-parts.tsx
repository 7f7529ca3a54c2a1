import type { ComponentChildren } from 'preact';
import { paths } from '../endpoints.js';
import type { Texts } from '../texts/texts.js';
import type { SignedIn } from './layout.js';
import type { Stylesheet } from './stylesheet.js';
import { Text, useTexts } from './text.js';

/** What every page of the operator needs. */
export interface OperatorPageProps {
  readonly stylesheet: Stylesheet;
  readonly texts: Texts;
  readonly signedIn: SignedIn;
}

type OperatorPath =
  | 'operator'
  | 'operatorSpending'
  | 'operatorKeys'
  | 'operatorAccounts'
  | 'operatorInvitations'
  | 'operatorClients'
  | 'operatorAudit';

/** The links between the operator's pages. */
export function OperatorNavigation({ current }: { readonly current?: OperatorPath }) {
  const texts = useTexts();
  const link = (page: OperatorPath, text: string) => (
    <a href={paths[page]} aria-current={page === current ? 'page' : undefined}>
      {text}
    </a>
  );
  return (
    <nav class="links" aria-label={texts('operator.title')}>
      {link('operator', texts('operator.healthTitle'))}
      {link('operatorSpending', texts('operator.spendingTitle'))}
      {link('operatorKeys', texts('operator.keysTitle'))}
      {link('operatorAccounts', texts('operator.accountsTitle'))}
      {link('operatorInvitations', texts('invitations.title'))}
      {link('operatorClients', texts('operator.clientsTitle'))}
      {link('operatorAudit', texts('operator.auditTitle'))}
    </nav>
  );
}

/** A row of a table. The first cell names the row. */
export interface TableRow {
  readonly key: string;
  readonly cells: readonly ComponentChildren[];
}

interface TableProps {
  readonly label: string;
  /** The heads of the columns. */
  readonly heads: readonly string[];
  readonly rows: readonly TableRow[];
  /** Whether the table is a list of names and values, whose heads are only for people who cannot see it. */
  readonly isFacts?: boolean;
}

/**
 * A table with many columns. On a phone each row is a block, in which each value is beside the head of its column.
 * Where the table is still too wide, it scrolls, and the keyboard can scroll it too.
 */
export function OperatorTable({ label, heads, rows, isFacts = false }: TableProps) {
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: a region that scrolls must take the focus
    <section class={isFacts ? 'table-scroll facts' : 'table-scroll'} aria-label={label} tabIndex={0}>
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
        <tbody>
          {rows.map(({ key, cells: [name, ...values] }) => (
            <tr key={key}>
              <th scope="row">{name}</th>
              {values.map((value, index) => (
                <td key={heads[index + 1]} data-head={heads[index + 1]}>
                  <span>{value}</span>
                </td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </section>
  );
}

/** The link to the page that asks for confirmation before a change. */
export function ChangeLink(props: { readonly act: string; readonly subject: string; readonly text: string }) {
  const { act, subject, text } = props;
  return <a href={`${paths.operatorChange}?${new URLSearchParams({ act, subject })}`}>{text}</a>;
}

interface ListProps extends TableProps {
  readonly path: string;
  readonly isFirstPage: boolean;
  /** Where the next page begins; undefined on the last page. */
  readonly next: string | undefined;
  /** Undefined for a list that cannot be searched. */
  readonly search?: { readonly label: string; readonly text: string };
}

/** A page of a list, with the field that searches it and the links to the first and the next page. */
export function OperatorList({ path, isFirstPage, next, search, ...table }: ListProps) {
  const texts = useTexts();
  const addressOf = (after: string) =>
    `${path}?${new URLSearchParams({ ...(search !== undefined && { search: search.text }), after })}`;
  return (
    <>
      {search !== undefined && <SearchForm path={path} {...search} />}
      <article>
        {table.rows.length === 0 ? (
          <p>{search?.text ? <Text id="operator.noneFound" link={<a href={path} />} /> : texts('events.none')}</p>
        ) : (
          <OperatorTable {...table} />
        )}
        {(next !== undefined || !isFirstPage) && (
          <nav class="links" aria-label={texts('common.pages')}>
            {!isFirstPage && <a href={addressOf('')}>{texts('operator.first')}</a>}
            {next !== undefined && (
              <a rel="next" href={addressOf(next)}>
                {texts('operator.next')}
              </a>
            )}
          </nav>
        )}
      </article>
    </>
  );
}

function SearchForm({ path, label, text }: Readonly<Record<'path' | 'label' | 'text', string>>) {
  const texts = useTexts();
  return (
    <form method="get" action={path} class="filter">
      <div>
        <label for="search">{label}</label>
        <input id="search" name="search" type="search" maxLength={300} value={text} autocomplete="off" />
      </div>
      <button type="submit" class="secondary">
        {texts('operator.search')}
      </button>
    </form>
  );
}
