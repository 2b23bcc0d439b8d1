// A script of the release before.
