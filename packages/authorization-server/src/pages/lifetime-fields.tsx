import type { DayRange, LifetimeChoice } from '../limits/lifetime-choices.js';
import type { ChosenExpiry } from '../limits/read-expiry.js';
import { lasting } from '../texts/texts.js';
import { Chips } from './chips.js';
import { FieldProblem, invalidity, type Problem } from './parts.js';
import { useTexts } from './text.js';

interface LifetimeFieldsProps {
  readonly lifetimes: readonly LifetimeChoice[];
  readonly days: DayRange;
  /** The lifetime that the app asks for, in seconds; undefined when it asks for none. */
  readonly asked?: number | undefined;
  readonly fields: ChosenExpiry;
  readonly problems: readonly Problem[];
}

export function LifetimeFields({ lifetimes, days, asked, fields, problems }: LifetimeFieldsProps) {
  const texts = useTexts();
  const { firstDay, lastDay, timeZone } = days;
  const hasDays = lastDay >= firstDay;
  const choices = hasDays ? [...lifetimes, { value: 'date', text: texts('limits.onDate') }] : lifetimes;
  return (
    <fieldset class="lifetime" id="lifetime">
      <legend>{texts('limits.accessEnds')}</legend>
      <FieldProblem problems={problems} field="lifetime" />
      <input type="hidden" name="shown_expires_on" value={fields.expiresOn} />
      <Chips name="expires_in" choices={choices} chosen={fields.expiresIn} isRequired />
      {asked !== undefined && fields.expiresIn !== String(asked) && (
        <p class="aside">{texts('limits.lifetimeAsked', { duration: lasting(asked) })}</p>
      )}
      {hasDays && (
        <div class="until-date">
          <label for="expires_on">{texts('limits.date', { timeZone })}</label>
          <input
            id="expires_on"
            name="expires_on"
            type="date"
            min={firstDay}
            max={lastDay}
            value={fields.expiresOn}
            {...invalidity(problems, 'expires_on')}
          />
        </div>
      )}
      <FieldProblem problems={problems} field="expires_on" />
    </fieldset>
  );
}
