import { App } from 'aws-cdk-lib';
import { ServiceStack } from './service-stack.ts';

/**
 * In this folder:
 *
 *   npx cdk deploy --parameters Subnets=subnet-…,subnet-… --parameters SecurityGroups=sg-…
 *
 * The pointer is there once the name has its first image. To start before that, from any other image whose id a parameter
 * holds: --parameters Image=/aws/service/ami-amazon-linux-latest/al2023-ami-kernel-default-x86_64
 */
const app = new App();
new ServiceStack(app, 'ServiceApi', { instanceName: 'service-api' });
