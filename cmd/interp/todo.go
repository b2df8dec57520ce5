package main

func (a *app) repl(args []string) error        { return usagef("got no script") }
func (a *app) pullCommand(args []string) error { return nil }
func (a *app) helpCommand(args []string) error { return nil }
