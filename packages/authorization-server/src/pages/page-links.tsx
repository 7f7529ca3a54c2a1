import type { ListPage } from '../account/list-page.js';
import { useTexts } from './text.js';

type ShownPage = Omit<ListPage<unknown>, 'entries' | 'total'>;

interface PageLinksProps {
  readonly list: ShownPage;
  readonly path: string;
  /** Another list on the same page. The links keep the entries that it shows. */
  readonly other?: ShownPage;
}

/** The links to the newer and the older entries of a list. A list of one page has none. */
export function PageLinks({ list, path, other }: PageLinksProps) {
  const { page, pages } = list;
  const texts = useTexts();
  if (pages === 1) return null;
  const kept = other === undefined || other.page === 1 ? {} : { [other.parameter]: String(other.page) };
  const addressOf = (number: number) => `${path}?${new URLSearchParams({ ...kept, [list.parameter]: String(number) })}`;
  return (
    <nav class="links" aria-label={texts('common.pages')}>
      {page > 1 && (
        <a rel="prev" href={addressOf(page - 1)}>
          {texts('common.newer')}
        </a>
      )}
      <span>{texts('common.pageOf', { page, pages })}</span>
      {page < pages && (
        <a rel="next" href={addressOf(page + 1)}>
          {texts('common.older')}
        </a>
      )}
    </nav>
  );
}
