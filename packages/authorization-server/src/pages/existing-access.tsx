import type { ExistingAccess, OpenRequests } from '@aipassport/store/authorization';
import type { ComponentChildren } from 'preact';
import type { ExistingChoice } from '../interaction/consent-fields.js';
import { describeUse } from '../limits/describe-use.js';
import type { FixedId } from '../texts/texts.js';
import { Chips } from './chips.js';
import { ForeignText } from './parts.js';
import { Text, useTexts } from './text.js';

interface ExistingAccessProps {
  readonly existing: ExistingAccess;
  /** The owner's requests in progress. */
  readonly open: readonly OpenRequests[];
  readonly fields: { readonly existingAccess: ExistingChoice | undefined };
  readonly summary: { readonly appName: string | undefined };
  readonly isPublic: boolean;
  readonly wantsAnother: boolean;
  readonly timeZone: string;
  readonly now: Date;
}

/** Says which access the app already has, and asks whether the new access replaces it or is added to it. */
export function ExistingAccessChoice(props: ExistingAccessProps) {
  const { existing, fields, isPublic, wantsAnother } = props;
  const count = existing.grants.length;
  const choices: readonly { readonly value: ExistingChoice; readonly text: ComponentChildren }[] = [
    { value: 'replace', text: <Text id="existing.replace" count={count} /> },
    { value: 'add', text: <Text id="existing.add" count={count} /> },
  ];
  const notes: readonly FixedId[] = [
    ...(wantsAnother ? ['existing.wantsAnother' as const] : []),
    ...(isPublic ? ['existing.elsewhere' as const] : []),
  ];
  return (
    <fieldset class="existing" id="existing_access">
      <legend>
        <Present {...props} />
      </legend>
      {existing.grants.map(({ id }) => (
        <input key={id} type="hidden" name="existing_grant" value={id} />
      ))}
      <Chips name="existing_access" choices={choices} chosen={fields.existingAccess} />
      <p class="aside add-note">
        <Text id="existing.addNote" count={count} />
      </p>
      {notes.map((note) => (
        <p key={note} class="aside">
          <Text id={note} />
        </p>
      ))}
    </fieldset>
  );
}

function Present({ existing: { grants }, summary: { appName }, open, timeZone, now }: ExistingAccessProps) {
  const texts = useTexts();
  const app = appName === undefined ? <Text id="existing.thisApp" /> : <ForeignText>{appName}</ForeignText>;
  const last = grants.reduce((latest, grant) => (grant.expiresAt > latest.expiresAt ? grant : latest));
  const values = {
    app,
    use: describeUse(grants, { open, timeZone, now, texts }),
    time: texts.nearTime(last.expiresAt, timeZone, now),
  };
  if (grants.length === 1) return <Text id="existing.allowed" {...values} />;
  return <Text id="existing.severalAllowed" count={grants.length} {...values} />;
}
