internal import FairpostNumerics

/// The program's entry: everything it does is in `Program`.
@main enum Main {
  static func main() {
    FaultWords.install()
    Program.exit(Program.run(Array(CommandLine.arguments.dropFirst())))
  }
}
