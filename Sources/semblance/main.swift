Semblance.program.main()
