/** Whether the catalogue is shared through a server. Only then does it say anything that a record waits for sync. */
export const standing = $state({ shared: false });
