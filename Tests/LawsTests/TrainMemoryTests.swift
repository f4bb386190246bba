import Foundation
import FairpostTestSupport
import Testing

/// Training needs the rows and the network, never the activations of all rows at once.
@Suite(.enabled(if: Program.isBuilt)) struct TrainMemoryTests {
  /// 30,000 rows with 512 activations each are 123 MB for every array that keeps them; the rows
  /// themselves take 2 MB.
  @Test(arguments: [
    "mlp --full-batch", "faalgrad --group sex --log log.csv",
  ]) func activationsOfAllRowsAreNotHeld(_ method: String) throws {
    let scratch = try Scratch()
    defer { scratch.remove() }
    let run = try Program.shell(
      """
      fairpost synth loans -q -n 30000 > loans.csv
      ulimit -v 150000
      fairpost train \(method) -q --hidden 256,256 --epochs 1 --threads 1 --task repaid \
        --exclude id,score -o m loans.csv
      """, directory: scratch.url)
    #expect(run.status == 0, Comment(rawValue: run.errorText))
  }
}
