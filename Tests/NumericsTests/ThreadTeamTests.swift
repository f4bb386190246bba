import FairpostNumerics
import Testing

@Suite struct ThreadTeamTests {
  /// Every piece of every portion once, whatever the number of members.
  @Test(arguments: [1, 2, 3, 7]) func everyPieceOnce(_ threads: Int) {
    ThreadTeam.with(threads: threads) { team in
      for portion in 0..<2000 {
        let count = portion % 9
        let times = Guarded([Int](repeating: 0, count: count))
        team.run(count) { piece in times.withLock { $0[piece] += 1 } }
        #expect(times.withLock { $0.allSatisfy { $0 == 1 } })
      }
    }
  }

  @Test func errorsComeThroughAndEndTheTeam() {
    struct Stop: Error {}
    #expect(throws: Stop.self) {
      try ThreadTeam.with(threads: 2) { team in
        team.run(4) { _ in }
        throw Stop()
      }
    }
  }
}
