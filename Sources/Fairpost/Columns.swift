internal import FairpostRoles

/// What the columns of records are for.
///
///     Columns(scores: ["p"], groups: ["sex"])
///     Columns(tasks: ["income:binary=>50K"], groups: [["sex", "race"]])
public struct Columns: Sendable, Equatable {
  /// A sensitive attribute: a column, or the intersection of several.
  public struct Attribute: Sendable, Equatable, ExpressibleByStringLiteral,
    ExpressibleByArrayLiteral
  {
    /// The columns.
    public let columns: [String]

    /// The intersection of columns.
    ///
    /// - Parameter columns: the columns.
    public init(_ columns: [String]) { self.columns = columns }
    /// A column.
    ///
    /// - Parameter column: its name.
    public init(stringLiteral column: String) { columns = [column] }
    /// The intersection of columns.
    ///
    /// - Parameter columns: their names.
    public init(arrayLiteral columns: String...) { self.columns = columns }
  }

  /// How much rows count.
  public enum Weight: Sendable, Equatable {
    /// A survey weight: estimates as if rows were repeated, uncertainty by the effective number.
    case survey(String)
    /// A row of value n stands for n equal rows in everything.
    case frequency(String)
  }

  /// The tasks by their label columns, with their type where the labels do not show it.
  ///
  /// Each is `NAME`, `NAME:regression`, `NAME:multiclass` or `NAME:binary=POSITIVE`; its scores are in
  /// `NAME.score`.
  public var tasks: [String]
  /// Score columns of another tool; with tasks they pair in order.
  public var scores: [String]
  /// The sensitive attributes, one after the other.
  public var groups: [Attribute]
  /// The protected values: `COL=VALUE`.
  public var protected: [String]
  /// The column that says how much a row counts.
  public var weight: Weight?
  /// The column that names a record.
  public var id: String?

  /// Roles of columns; with neither tasks nor scores every `*.score` is taken.
  ///
  /// - Parameters:
  ///   - tasks: the tasks by their label columns.
  ///   - scores: score columns of another tool.
  ///   - groups: the sensitive attributes.
  ///   - protected: the protected values: `COL=VALUE`.
  ///   - weight: the column that says how much a row counts.
  ///   - id: the column that names a record.
  public init(
    tasks: [String] = [], scores: [String] = [], groups: [Attribute] = [],
    protected: [String] = [], weight: Weight? = nil, id: String? = nil
  ) {
    self.tasks = tasks
    self.scores = scores
    self.groups = groups
    self.protected = protected
    self.weight = weight
    self.id = id
  }

  var roles: RoleNames {
    var roles = RoleNames()
    roles.tasks = tasks
    roles.scores = scores
    roles.groups = groups.map(\.columns)
    roles.protected = protected
    roles.id = id
    switch weight {
    case nil: break
    case .survey(let column): roles.weight = .init(column, isFrequency: false)
    case .frequency(let column): roles.weight = .init(column, isFrequency: true)
    }
    return roles
  }
}
