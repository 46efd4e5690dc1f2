/** For a few dozen rows, which are all learnt from: what tells how good a head is are the rows to check on. */
export const TRAINING = { num_train_epochs: 20, per_device_train_batch_size: 4, validation_split: 0 } as const;
