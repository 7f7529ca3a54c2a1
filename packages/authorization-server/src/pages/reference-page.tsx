import type { Operation, Reference } from '../developers/reference.js';
import { formatPath, paths } from '../endpoints.js';
import type { Texts } from '../texts/texts.js';
import { renderPage, type SignedIn } from './layout.js';
import { InlineMarkdown, Markdown } from './markdown.js';
import { Fields, ShapeView } from './reference-shapes.js';
import type { Stylesheet } from './stylesheet.js';
import { useTexts } from './text.js';

interface ReferencePageProps {
  readonly stylesheet: Stylesheet;
  readonly texts: Texts;
  /** Undefined for a visitor. */
  readonly signedIn: SignedIn | undefined;
  readonly reference: Reference;
  /** The names of all references. */
  readonly names: readonly Reference['name'][];
}

/** The texts of the links to the references. */
export const referenceNames = {
  'authorization-server': 'developers.serverReference',
  'resource-proxy': 'developers.proxyReference',
  admin: 'developers.adminReference',
} as const satisfies Record<Reference['name'], string>;

/** The specifications exist only in English, so their texts are marked as English even on a German page. */
export function renderReferencePage({ stylesheet, texts, signedIn, reference, names }: ReferencePageProps): string {
  const { title, description, groups, schemas } = reference;
  return renderPage({
    stylesheet,
    texts,
    title: `${texts('developers.reference')}: ${title}`,
    signedIn,
    children: (
      <div class="reference">
        <p class="back">
          <a href={paths.developers}>{texts('developers.title')}</a>
        </p>
        <h1 lang="en">{title}</h1>
        <nav class="links" aria-label={texts('developers.reference')}>
          {names.map((name) => (
            <a key={name} href={formatPath(paths.reference, name)} aria-current={name === reference.name && 'page'}>
              {texts(referenceNames[name])}
            </a>
          ))}
          <a href={formatPath(paths.specificationFile, `${reference.name}.yaml`)}>{texts('developers.openapi')}</a>
        </nav>
        <div lang="en">
          <Markdown>{description}</Markdown>
        </div>
        <Contents reference={reference} />
        {groups.map(({ name, description: about, operations }) => (
          <section key={name} lang="en" aria-labelledby={`group-${name}`}>
            <h2 id={`group-${name}`}>{about || name}</h2>
            {operations.map((operation) => (
              <OperationView key={operation.id} operation={operation} />
            ))}
          </section>
        ))}
        <section aria-labelledby="schemas">
          <h2 id="schemas">{texts('developers.schemas')}</h2>
          {schemas.map(([name, shape]) => (
            <article key={name} id={`schema-${name}`} lang="en">
              <h3>
                <code>{name}</code>
              </h3>
              <ShapeView shape={shape} />
            </article>
          ))}
        </section>
      </div>
    ),
  });
}

function Contents({ reference: { groups } }: { readonly reference: Reference }) {
  const texts = useTexts();
  return (
    <details>
      <summary>{texts('developers.operations')}</summary>
      <ul class="link-list" lang="en">
        {groups.flatMap(({ operations }) =>
          operations.map(({ id, method, path, summary }) => (
            <li key={id}>
              <a href={`#${id}`}>
                <code>
                  {method} {path}
                </code>
              </a>
              <small>
                <InlineMarkdown>{summary}</InlineMarkdown>
              </small>
            </li>
          )),
        )}
      </ul>
    </details>
  );
}

function OperationView({ operation }: { readonly operation: Operation }) {
  const { id, method, path, summary, description, parameters, body, answers } = operation;
  const texts = useTexts();
  return (
    <article id={id}>
      <h3>
        <code class="method">{method}</code> <code>{path}</code>
      </h3>
      <p>
        <InlineMarkdown>{summary}</InlineMarkdown>
      </p>
      {description !== undefined && <Markdown>{description}</Markdown>}
      {parameters.length > 0 && (
        <details>
          <summary lang={texts.language}>{texts('developers.parameters')}</summary>
          <Fields fields={parameters} />
        </details>
      )}
      {body.length > 0 && (
        <details>
          <summary lang={texts.language}>{texts('developers.body')}</summary>
          <Bodies content={body} />
        </details>
      )}
      <details>
        <summary lang={texts.language}>{texts('developers.answers')}</summary>
        <dl>
          {answers.map(({ status, description: about, content }) => (
            <div key={status}>
              <dt>
                <code>{status}</code>
              </dt>
              <dd>
                <InlineMarkdown>{about}</InlineMarkdown>
                <Bodies content={content} />
              </dd>
            </div>
          ))}
        </dl>
      </details>
    </article>
  );
}

function Bodies({ content }: { readonly content: Operation['body'] }) {
  return (
    <>
      {content.map(({ mediaType, shape }) => (
        <div key={mediaType}>
          <code>{mediaType}</code> <ShapeView shape={shape} />
        </div>
      ))}
    </>
  );
}
