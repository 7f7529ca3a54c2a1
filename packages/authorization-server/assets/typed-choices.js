// Connects a text field with the radio button that it belongs to. Without this script, the server decides which of them
// counts.
for (const { elements } of document.forms) {
  /** Typing into the text field selects its radio button. Selecting another radio button empties the text field. */
  const pair = (radioName, ownValue, fieldName) => {
    const [radios, field] = [elements[radioName], elements[fieldName]];
    if (!radios || !field) return;
    field.addEventListener('input', () => {
      if (field.value !== '') radios.value = ownValue;
    });
    for (const radio of radios)
      radio.addEventListener('change', () => {
        if (radio.checked && radio.value !== ownValue) field.value = '';
      });
  };
  pair('max_cost_usd', 'other', 'other_max_cost_usd');
  pair('expires_in', 'date', 'expires_on');
}
