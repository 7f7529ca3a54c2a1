import type { Field, Shape } from '../developers/reference-shapes.js';
import { InlineMarkdown } from './markdown.js';
import { Text } from './text.js';

/** A schema: its type, its rules, and its members. */
export function ShapeView({ shape }: { readonly shape: Shape }) {
  const { type, reference, description, rules, fields, choices } = shape;
  return (
    <>
      {reference === undefined ? <code>{type}</code> : <SchemaLink type={type} reference={reference} />}
      {rules.map((rule) => (
        <code key={rule} class="rule">
          {rule}
        </code>
      ))}
      {description !== undefined && (
        <p>
          <InlineMarkdown>{description}</InlineMarkdown>
        </p>
      )}
      {fields.length > 0 && <Fields fields={fields} />}
      {choices.length > 0 && (
        <ul class="alternatives">
          {choices.map((choice) => (
            <li key={JSON.stringify(choice)}>
              <ShapeView shape={choice} />
            </li>
          ))}
        </ul>
      )}
    </>
  );
}

/** Links the name of a schema. In `array of Grant`, only the name is a link. */
function SchemaLink({ type, reference }: { readonly type: string; readonly reference: string }) {
  const before = type.endsWith(reference) ? type.slice(0, -reference.length) : '';
  return (
    <>
      {before !== '' && <code>{before}</code>}
      <a href={`#schema-${reference}`}>
        <code>{type.slice(before.length)}</code>
      </a>
    </>
  );
}

export function Fields({ fields }: { readonly fields: readonly Field[] }) {
  return (
    <ul class="fields">
      {fields.map(({ name, place, isRequired, shape }) => (
        <li key={`${place} ${name}`}>
          <strong>
            <code>{name}</code>
          </strong>{' '}
          {place !== undefined && <small>{place}</small>}{' '}
          {isRequired && (
            <small class="required">
              <Text id="developers.required" />
            </small>
          )}{' '}
          <ShapeView shape={shape} />
        </li>
      ))}
    </ul>
  );
}
