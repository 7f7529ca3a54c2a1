import type { DayRange, LifetimeChoice } from '../limits/lifetime-choices.js';
import type { ChosenExpiry } from '../limits/read-expiry.js';
import { FieldProblem, invalidity, type Problem } from './parts.js';

interface LifetimeFieldsProps {
  readonly lifetimes: readonly LifetimeChoice[];
  readonly days: DayRange;
  readonly fields: ChosenExpiry;
  readonly problems: readonly Problem[];
}

export function LifetimeFields({ lifetimes, days, fields, problems }: LifetimeFieldsProps) {
  const { firstDay, lastDay, timeZone } = days;
  return (
    <fieldset class="lifetime" id="lifetime">
      <legend>For how long</legend>
      {lifetimes.map(({ value, text }) => (
        <label key={value}>
          <input type="radio" name="expires_in" value={value} checked={fields.expiresIn === value} required />
          {text}
        </label>
      ))}
      {lastDay >= firstDay && (
        <div class="until-date">
          <label>
            <input type="radio" name="expires_in" value="date" checked={fields.expiresIn === 'date'} required />
            Until the end of a day ({timeZone})
          </label>
          <input
            id="expires_on"
            name="expires_on"
            type="date"
            aria-label="Last day"
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
