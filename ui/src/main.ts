import './app.css';
import './check-box.css';
import './chips.css';

import { mount } from 'svelte';

import App from './window/App.svelte';

if (import.meta.env.MODE === 'served') {
  const { connectTo } = await import('./ipc/served');
  connectTo(new URL('.', document.baseURI).href);
}

mount(App, { target: document.body });
