/// The program's entry: everything it does is in `Program`.
@main enum Main {
  static func main() {
    Program.exit(Program.run(Array(CommandLine.arguments.dropFirst())))
  }
}
