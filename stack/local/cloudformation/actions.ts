/**
 * CloudFormation's actions, in the shapes of the SDK: requests are checked and translated, stacks are described. Errors
 * have AWS's codes and, where people match on them, AWS's words.
 */
import type * as cfn from '@aws-sdk/client-cloudformation';
import { type Actions, page } from '../endpoints/action.ts';
import { AwsError } from '../errors.ts';
import type { CloudFormation } from './cloudformation.ts';
import {
  beingMade,
  detailOf,
  resourceOf,
  shownChangeSet,
  shownEvents,
  shownStack,
  summaryOf,
  summaryOfChangeSet,
  summaryOfResource,
} from './description.ts';
import {
  changeSetType,
  checked,
  nameOf,
  onFailureOf,
  settingsOf,
  templateOf,
  templateSummary,
  versionFor,
} from './request.ts';
import { type ChangeSet, exportsOf, importersOf, type Stack } from './stack.ts';

export interface CloudFormationActionsOptions {
  readonly cloudFormation: CloudFormation;
  /** An output's value as clients of this machine need it: public addresses of APIs lead to the local port. */
  readonly reachable: (value: string) => string;
  /** Shown with every stack's own: what no template can say. */
  readonly tags: readonly cfn.Tag[];
}

export function cloudFormationActions(options: CloudFormationActionsOptions): Actions {
  return { ...stackActions(options), ...changeSetActions(options), ...queryActions(options) };
}

function stackActions({ cloudFormation }: CloudFormationActionsOptions): Actions {
  return {
    CreateStack(input: cfn.CreateStackInput) {
      const name = nameOf(input.StackName);
      cloudFormation.checkFree(name);
      const settings = settingsOf(input);
      const version = versionFor(cloudFormation, name, input, { stack: null, settings });
      const { stack } = cloudFormation.create(version, settings, onFailureOf(input));
      return { StackId: stack.id } satisfies cfn.CreateStackOutput;
    },
    UpdateStack(input: cfn.UpdateStackInput) {
      const stack = cloudFormation.stack(nameOf(input.StackName));
      cloudFormation.checkUpdatable(stack);
      const settings = settingsOf(input, stack.settings);
      const version = versionFor(cloudFormation, stack.name, input, { stack, settings });
      void cloudFormation.update(stack, version, settings);
      return { StackId: stack.id } satisfies cfn.UpdateStackOutput;
    },
    DeleteStack(input: cfn.DeleteStackInput) {
      const stack = cloudFormation.find(nameOf(input.StackName));
      const retained = input.RetainResources ?? [];
      if (stack !== undefined) {
        cloudFormation.checkDeletable(stack);
        if (retained.length > 0 && stack.status !== 'DELETE_FAILED')
          throw new AwsError(
            'ValidationError',
            `Invalid operation on stack [${stack.id}]: resources can be retained only when it is in DELETE_FAILED state`,
          );
      }
      void cloudFormation.delete(nameOf(input.StackName), retained).catch(() => {});
      return {};
    },
  };
}

function changeSetActions({ cloudFormation }: CloudFormationActionsOptions): Actions {
  const changeSetOf = (input: { StackName?: string | undefined; ChangeSetName?: string | undefined }) =>
    foundChangeSet(cloudFormation, input);
  return {
    CreateChangeSet(input: cfn.CreateChangeSetInput) {
      const stackName = nameOf(input.StackName);
      const known = cloudFormation.find(stackName);
      const settings = settingsOf(input, input.ChangeSetType === 'CREATE' ? undefined : known?.settings);
      const { stack, changeSet } = cloudFormation.addChangeSet({
        name: input.ChangeSetName ?? '',
        stackName: known?.name ?? stackName,
        type: changeSetType(input.ChangeSetType),
        description: input.Description,
        settings,
        version: (of) => versionFor(cloudFormation, of?.name ?? stackName, input, { stack: of, settings }),
      });
      return { Id: changeSet.id, StackId: stack.id } satisfies cfn.CreateChangeSetOutput;
    },
    DescribeChangeSet(input: cfn.DescribeChangeSetInput) {
      const { stack, changeSet } = changeSetOf(input);
      if (cloudFormation.isInProgress(changeSet)) return beingMade(stack, changeSet);
      return shownChangeSet(
        stack,
        changeSet,
        pageOf(changeSet.changes, input.NextToken),
        input.IncludePropertyValues === true,
      );
    },
    DescribeEvents(input: cfn.DescribeEventsInput) {
      return { OperationEvents: eventsOf(cloudFormation, input) } satisfies cfn.DescribeEventsOutput;
    },
    ExecuteChangeSet(input: cfn.ExecuteChangeSetInput) {
      const { stack, changeSet } = changeSetOf(input);
      const onFailure =
        input.DisableRollback || changeSet.settings.disableRollback ? 'DO_NOTHING' : 'ROLLBACK';
      void cloudFormation.execute(stack, changeSet, onFailure);
      return {};
    },
    DeleteChangeSet(input: cfn.DeleteChangeSetInput) {
      const { stack, changeSet } = changeSetOf(input);
      cloudFormation.checkWorkedOut(changeSet, 'deleted');
      stack.changeSets.delete(changeSet.name);
      return {};
    },
    ListChangeSets(input: cfn.ListChangeSetsInput) {
      const stack = cloudFormation.stack(nameOf(input.StackName));
      return {
        Summaries: [...stack.changeSets.values()].map((changeSet) =>
          cloudFormation.isInProgress(changeSet)
            ? beingMade(stack, changeSet)
            : summaryOfChangeSet(stack, changeSet),
        ),
      } satisfies cfn.ListChangeSetsOutput;
    },
  };
}

function queryActions({ cloudFormation, reachable, tags }: CloudFormationActionsOptions): Actions {
  const stackOf = (name: string | undefined) => cloudFormation.stack(nameOf(name));
  return {
    ValidateTemplate(input: cfn.ValidateTemplateInput) {
      const { shown } = checked(() => templateSummary(templateOf(input, null)));
      const Parameters = shown.Parameters.map(({ ParameterKey, DefaultValue, NoEcho, Description }) => ({
        ParameterKey,
        DefaultValue,
        NoEcho,
        Description,
      }));
      const { Description, Capabilities, CapabilitiesReason } = shown;
      return {
        Parameters,
        Description,
        Capabilities,
        CapabilitiesReason,
      } satisfies cfn.ValidateTemplateOutput;
    },
    GetTemplateSummary(input: cfn.GetTemplateSummaryInput) {
      const stack = input.StackName === undefined ? null : stackOf(input.StackName);
      return checked(() => templateSummary(templateOf(input, stack)))
        .shown satisfies cfn.GetTemplateSummaryOutput;
    },
    GetTemplate(input: cfn.GetTemplateInput) {
      if (input.ChangeSetName !== undefined) {
        const { changeSet } = foundChangeSet(cloudFormation, input);
        return templateAnswer(changeSet.version?.templateText ?? null);
      }
      return templateAnswer(stackOf(input.StackName).templateText);
    },
    DescribeStacks(input: cfn.DescribeStacksInput) {
      const chosen =
        input.StackName === undefined
          ? cloudFormation.stacks.filter((stack) => !stack.isDeleted)
          : [stackOf(input.StackName)];
      const { items, NextToken } = pageOf(chosen, input.NextToken);
      return {
        Stacks: items.map((stack) => shownStack(stack, reachable, tags)),
        NextToken,
      } satisfies cfn.DescribeStacksOutput;
    },
    ListStacks(input: cfn.ListStacksInput) {
      const wanted = input.StackStatusFilter ?? [];
      const chosen = cloudFormation.stacks.filter(
        ({ status }) => wanted.length === 0 || wanted.includes(status),
      );
      const { items, NextToken } = pageOf([...chosen].reverse(), input.NextToken);
      return { StackSummaries: items.map(summaryOf), NextToken } satisfies cfn.ListStacksOutput;
    },
    ListExports(input: cfn.ListExportsInput) {
      const { items, NextToken } = pageOf(exportsOf(cloudFormation.stacks), input.NextToken);
      return {
        Exports: items.map(({ stack, name, value }) => ({
          ExportingStackId: stack.id,
          Name: name,
          Value: reachable(value),
        })),
        NextToken,
      } satisfies cfn.ListExportsOutput;
    },
    ListImports(input: cfn.ListImportsInput) {
      const importers = importersOf(input.ExportName ?? '', cloudFormation.stacks);
      if (importers.length === 0)
        throw new AwsError('ValidationError', `Export '${input.ExportName}' is not imported by any stack.`);
      const { items, NextToken } = pageOf(importers, input.NextToken);
      return { Imports: items, NextToken } satisfies cfn.ListImportsOutput;
    },
    DescribeStackEvents(input: cfn.DescribeStackEventsInput) {
      const newestFirst = [...stackOf(input.StackName).events].reverse();
      const { items, NextToken } = pageOf(newestFirst, input.NextToken);
      return { StackEvents: items, NextToken } satisfies cfn.DescribeStackEventsOutput;
    },
    DescribeStackResource(input: cfn.DescribeStackResourceInput) {
      const stack = stackOf(input.StackName);
      return { StackResourceDetail: detailOf(stack, resourceNamed(stack, input.LogicalResourceId)) };
    },
    DescribeStackResources(input: cfn.DescribeStackResourcesInput) {
      const stack = stackOf(input.StackName);
      const chosen =
        input.LogicalResourceId === undefined
          ? [...stack.resources.values()]
          : [resourceNamed(stack, input.LogicalResourceId)];
      return {
        StackResources: chosen.map((resource) => resourceOf(stack, resource)),
      } satisfies cfn.DescribeStackResourcesOutput;
    },
    ListStackResources(input: cfn.ListStackResourcesInput) {
      const stack = stackOf(input.StackName);
      const { items, NextToken } = pageOf([...stack.resources.values()], input.NextToken);
      return {
        StackResourceSummaries: items.map((resource) => summaryOfResource(stack, resource)),
        NextToken,
      } satisfies cfn.ListStackResourcesOutput;
    },
  };
}

function foundChangeSet(
  cloudFormation: CloudFormation,
  { StackName, ChangeSetName }: { StackName?: string | undefined; ChangeSetName?: string | undefined },
): { readonly stack: Stack; readonly changeSet: ChangeSet } {
  const stacks = StackName === undefined ? cloudFormation.stacks : [cloudFormation.stack(StackName)];
  for (const stack of stacks) {
    for (const changeSet of stack.changeSets.values()) {
      if (changeSet.id === ChangeSetName || changeSet.name === ChangeSetName) return { stack, changeSet };
    }
  }
  throw new AwsError('ChangeSetNotFound', `ChangeSet [${ChangeSetName}] does not exist`, 404);
}

/** Events of the operation that made a change set. It is named by its ARN: AWS does not take its name. */
function eventsOf(cloudFormation: CloudFormation, { ChangeSetName }: cfn.DescribeEventsInput) {
  if (ChangeSetName === undefined)
    throw new AwsError(
      'ValidationError',
      'the local stage has events of change sets only: give ChangeSetName',
    );
  if (!ChangeSetName.startsWith('arn:'))
    throw new AwsError('ValidationError', 'One of ChangeSetName, OperationId or StackName must be specified');
  const { stack, changeSet } = foundChangeSet(cloudFormation, { ChangeSetName });
  return shownEvents(stack, changeSet);
}

function resourceNamed(stack: Stack, logicalId: string | undefined) {
  const found = stack.resources.get(logicalId ?? '');
  if (found !== undefined) return found;
  throw new AwsError('ValidationError', `Resource ${logicalId} does not exist for stack ${stack.name}`);
}

function templateAnswer(text: string | null): cfn.GetTemplateOutput {
  if (text === null)
    throw new AwsError('ValidationError', 'The stack has no template: nothing of it was deployed');
  return { TemplateBody: text, StagesAvailable: ['Original', 'Processed'] };
}

/** Pages hold up to a hundred items or one megabyte on AWS; here the number decides. */
const PAGE_ITEMS = 100;

function pageOf<T>(all: readonly T[], token: string | undefined) {
  const invalid = new AwsError('ValidationError', 'NextToken is invalid');
  const { items, next } = page(all, { token, most: PAGE_ITEMS, invalid });
  return { items, NextToken: next };
}
