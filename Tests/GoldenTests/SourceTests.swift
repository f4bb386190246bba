import Foundation
import FairpostTestSupport
import Testing

/// Rules for the source files that no compiler setting states.
@Suite struct SourceTests {
  private struct Line {
    let file: String
    let number: Int
    let code: Substring
  }

  /// The lines of all Swift files below a folder, comments left out.
  private static func lines(below folder: String) throws -> [Line] {
    let root = Shared.repository.appendingPathComponent(folder)
    let files =
      FileManager.default.enumerator(atPath: root.path)?.compactMap { $0 as? String } ?? []
    return try files.filter { $0.hasSuffix(".swift") }.sorted().flatMap { file -> [Line] in
      let url = root.appendingPathComponent(file)
      let text = try String(contentsOf: url, encoding: .utf8)
      return text.split(separator: "\n", omittingEmptySubsequences: false).enumerated().compactMap {
        index, line in
        let code = line.drop { $0 == " " }
        guard !code.hasPrefix("//") else { return nil }
        return Line(file: "\(folder)/\(file)", number: index + 1, code: code)
      }
    }
  }

  private func faults(
    in folder: String, except: [String] = [], where isFault: (Substring) -> Bool
  ) throws -> [String] {
    let lines = try Self.lines(below: folder)
    #expect(lines.count > 100, "no source files were found")
    return lines.filter { line in
      !except.contains { line.file.hasPrefix($0) } && isFault(line.code)
    }.map { "\($0.file):\($0.number): \($0.code)" }
  }

  @Test func keepsUnsafeMemoryInNumericsAndCSV() throws {
    let homes = ["Sources/Numerics/", "Sources/CSV/"]
    let found = try faults(in: "Sources", except: homes) { code in
      let words = code.split { !($0.isLetter || $0.isNumber || $0 == "_") }
      return words.contains { word in
        word == "unsafe" || word == "unsafeBitCast"
          || (word.hasPrefix("Unsafe") && word.contains("Pointer"))
      }
    }
    #expect(found == [])
  }

  /// Words for people have one way out, which makes names and values of files safe to show.
  @Test func speaksThroughTheConsoleAlone() throws {
    let found = try faults(
      in: "Sources",
      except: ["Sources/Pipeline/Console.swift", "Sources/Numerics/System/SystemFile.swift"]
    ) { $0.contains("standardError") || $0.contains("print(") || $0.contains("fputs(") }
    #expect(found == [])
  }

  @Test func importsNoFoundationInTheProgram() throws {
    let found = try faults(in: "Sources") { $0.contains("import Foundation") }
    #expect(found == [])
  }

  @Test func importsGSLInNumericsAlone() throws {
    let found = try faults(in: "Sources", except: ["Sources/Numerics/"]) {
      $0.contains("import FairpostCGSL")
    }
    #expect(found == [])
  }

  /// A library is asked by typed requests; only commands read a command line.
  @Test func readsCommandLinesInTheProgramAlone() throws {
    let found = try faults(in: "Sources", except: ["Sources/fairpost/", "Sources/Options/"]) {
      $0.contains("ParsedOptions") || $0.contains("OptionSpec(") || $0.contains("CommandSpec")
    }
    #expect(found == [])
  }

  /// A library does not know whether what it speaks of was typed: options in its words are data
  /// (`\(option: "group")`), but where it writes a page of a command's own.
  @Test func namesOptionsAsData() throws {
    let pages = [
      // The pages of inspect, evaluate, compare and report, a figure's reason, the last words before a crash.
      "Training/ModelDescription", "Training/PredictFilter", "Comparison/Verdict",
      "Comparison/Doubt", "Comparison/CompareCatalog", "Evaluation/SmallCells",
      "Evaluation/Glance", "Evaluation/MetricTopic", "Report/", "Text/Help/",
      "Numerics/System/FaultWords",
      // Command lines of other programs.
      "CSV/ForeignFormat",
      // What stands behind a value that is no number, row by row.
      "Pipeline/NumberAdvice",
      // Help of the settings of methods and figures, and the words of compare's settings.
      "fairpost/", "Options/", "Settings/", "Methods/", "Plots/", "Export/",
    ]
    let found = try faults(in: "Sources", except: pages.map { "Sources/\($0)" }) { line in
      line.contains(/"([^"]*[^"\w-])?--[a-z]/)
    }
    #expect(found == [])
  }

  /// Tests are compiled like the program, where only what has `package` access can be tested.
  @Test func testsWhatIsVisible() throws {
    let found = try faults(in: "Tests", except: ["Tests/GoldenTests/SourceTests.swift"]) {
      $0.hasPrefix("@testable")
    }
    #expect(found == [])
  }

  @Test func forcesNothing() throws {
    let found = try faults(in: "Sources") { $0.contains("try!") || $0.contains("as! ") }
    #expect(found == [])
  }
}

/// What is generated and committed is what the program generates now.
@Suite struct GeneratedFilesTests {
  static let folder = Shared.repository.appendingPathComponent("Manpages")

  @Test func committedManualPagesAreCurrent() throws {
    let committed = try FileManager.default.contentsOfDirectory(atPath: Self.folder.path)
      .filter { $0.hasSuffix(".1") || $0.hasSuffix(".7") }.sorted()
    let scratch = try Scratch()
    defer { scratch.remove() }
    let outcome = try Program.run(["__man", scratch.url.path])
    #expect(outcome.status == 0, Comment(rawValue: outcome.errorText))
    let made = try FileManager.default.contentsOfDirectory(atPath: scratch.url.path).sorted()
    #expect(made == committed, "run \"make man\"")
    for name in made where committed.contains(name) {
      let old = try Data(contentsOf: Self.folder.appendingPathComponent(name))
      let new = try Data(contentsOf: scratch.url.appendingPathComponent(name))
      #expect(old == new, "\(name) is not current: run \"make man\"")
    }
  }
}
