import { tinykeys } from 'tinykeys';

import { inText, isOverlaid } from './focus';
import { commands, type Command } from './table';

function applies(command: Command, event: KeyboardEvent): boolean {
  // An open dialog or menu has the keyboard to itself.
  if (isOverlaid()) return false;
  if (command.where === 'outside_text') return !inText(event.target) || event.ctrlKey || event.metaKey;
  return true;
}

/** Binds every command to its keys; returns the function that unbinds them. */
export function bindCommands(target: Window): () => void {
  const bindings: Record<string, (event: KeyboardEvent) => void> = {};
  for (const command of commands) {
    if (command.where === 'list') continue; // The list binds it; the table has it for the sheet.
    for (const key of command.keys) {
      bindings[key] = (event) => {
        if (event.defaultPrevented || !applies(command, event)) return;
        event.preventDefault();
        command.run?.();
      };
    }
  }
  return tinykeys(target, bindings);
}
