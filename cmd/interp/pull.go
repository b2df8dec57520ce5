package main

func (a *app) pullCommand([]string) error { return usagef("pull: not yet") }
