// Fills in the browser's time zone when an account is made. Without this script, the account starts with UTC.
const field = document.querySelector('input[name="time_zone"]');
if (field) field.value = Intl.DateTimeFormat().resolvedOptions().timeZone ?? '';
