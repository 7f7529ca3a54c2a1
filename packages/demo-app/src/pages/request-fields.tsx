import { askableCapabilities, lifetimes, maxReasonLength } from '../ai-request.js';
import { chatModels } from '../models.js';

/** The form fields for the access to ask for, with sensible choices made already. */
export function RequestFields() {
  return (
    <div class="fields">
      <fieldset>
        <legend>Models it can use</legend>
        <div class="choices">
          {chatModels.map(({ id, vendor, preselected }) => (
            <label key={id}>
              <input type="checkbox" name="model" value={id} checked={preselected} />
              <span>
                {id} <small>{vendor}</small>
              </span>
            </label>
          ))}
        </div>
      </fieldset>
      <fieldset>
        <legend>What it can do</legend>
        <div class="choices">
          {askableCapabilities.map(({ name, label, preselected }) => (
            <label key={name}>
              <input type="checkbox" name="capability" value={name} checked={preselected} />
              <span>{label}</span>
            </label>
          ))}
        </div>
      </fieldset>
      <fieldset>
        <legend>Limits it suggests</legend>
        <div class="limits">
          <label>
            Total request limit
            <input type="number" name="max_requests" min="1" max="1000000" value="100" placeholder="no suggestion" />
          </label>
          <label>
            Total spending limit ($)
            <input
              type="text"
              inputMode="decimal"
              name="max_cost_usd"
              maxLength={8}
              value="5.00"
              placeholder="no suggestion"
            />
          </label>
          <label>
            Requests per minute
            <input
              type="number"
              name="max_requests_per_minute"
              min="1"
              max="10000"
              value="20"
              placeholder="no suggestion"
            />
          </label>
          <label>
            How long
            <select name="expires_in">
              {lifetimes.map(({ seconds, label }) => (
                <option key={seconds} value={seconds} selected={seconds === 86_400}>
                  {label}
                </option>
              ))}
              <option value="">no suggestion</option>
            </select>
          </label>
        </div>
      </fieldset>
      <label>
        Message to you
        <input
          type="text"
          name="reason"
          maxLength={maxReasonLength}
          value="To answer the questions you type into the demo chat."
        />
      </label>
    </div>
  );
}
