"""Personal data leaves a message before the message is first written, the same way in training and in serving."""
