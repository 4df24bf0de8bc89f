import './app.css';

import { mount } from 'svelte';

import { answerFrom } from './ipc';
import App from './window/App.svelte';

if (import.meta.env.MODE === 'demo') {
  const { FakeCatalogue } = await import('./ipc/fake');
  answerFrom(new FakeCatalogue(Number(new URLSearchParams(location.search).get('books') ?? 10_000)));
}

mount(App, { target: document.body });
