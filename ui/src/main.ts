import './app.css';
import './check-box.css';
import './chips.css';

import { mount } from 'svelte';

import { answerFrom } from './ipc';
import App from './window/App.svelte';

if (import.meta.env.MODE === 'demo') {
  const { FakeCatalogue } = await import('./ipc/fake');
  const wished = new URLSearchParams(location.search);
  const made = new FakeCatalogue(Number(wished.get('books') ?? 10_000));
  answerFrom(made);
  await made.disagree(Number(wished.get('conflicts') ?? 0));
}

mount(App, { target: document.body });
