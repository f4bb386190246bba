/// The program's entry: everything it does is in `Program`.
@main enum Main {
  static func main() {}
}
